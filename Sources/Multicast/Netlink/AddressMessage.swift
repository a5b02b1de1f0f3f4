// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// An interface address in RTM_NEWADDR or RTM_DELADDR (struct ifaddrmsg, rtnetlink(7)).
package struct AddressMessage: Equatable, Sendable {
  /// Index of the interface.
  package var index: UInt32
  package var address: IPAddress
  /// IPv6 duplicate address detection is in progress (RFC 4862 section 5.4): not usable as a source yet.
  package var isTentative: Bool
  /// Another host has the address (RFC 4862 section 5.4.5). It remains tentative.
  package var isDuplicate: Bool

  /// - Parameter body: the bytes after the nlmsghdr; `nil` if not a complete ifaddrmsg with an address.
  package init?(_ body: ArraySlice<UInt8>) {
    guard body.count >= MemoryLayout<ifaddrmsg>.size,
      var flags = body.integer(at: 2, as: UInt8.self).map(UInt32.init),
      let index = body.integer(at: 4, as: UInt32.self)
    else { return nil }
    var local: IPAddress?
    var peer: IPAddress?
    for attribute in NetlinkAttributes(body.rest(after: MemoryLayout<ifaddrmsg>.size)) {
      switch Int(attribute.type) {
      case Int(IFA_LOCAL): local = attribute.payload.address
      case Int(IFA_ADDRESS): peer = attribute.payload.address
      case Int(IFA_FLAGS): flags = attribute.payload.integer(at: 0, as: UInt32.self) ?? flags
      default: break
      }
    }
    // On a point-to-point link IFA_ADDRESS is the remote end; elsewhere IPv6 has no IFA_LOCAL
    // (linux/if_addr.h).
    guard let address = local ?? peer else { return nil }
    self.index = index
    self.address = address
    isTentative = flags & UInt32(IFA_F_TENTATIVE) != 0
    isDuplicate = flags & UInt32(IFA_F_DADFAILED) != 0
  }
}
