// SPDX-License-Identifier: Apache-2.0

import Platform

/// What a code is over besides the bytes of the heartbeat, so that a code for one purpose or group is none
/// for another: the domain, a NUL, the group and its port as text, a NUL.
///
/// The text is the description of `Endpoint`: for `mac=` over a heartbeat to 239.1.1.1 port 5001 the code is
/// over `mcastd 1␀239.1.1.1:5001␀ATU …`, for `sig=` over one to ff15::1 over
/// `mcastd 1 sig␀[ff15::1]:5001␀ATU …`. An IPv6 address is in the form of RFC 5952, without a zone.
struct SealContext: Sendable {
  /// For `mac=`.
  let mac: [UInt8]
  /// For `sig=`.
  let signature: [UInt8]

  init(group: Endpoint) {
    mac = Array("mcastd 1\0\(group)\0".utf8)
    signature = Array("mcastd 1 sig\0\(group)\0".utf8)
  }
}
