// SPDX-License-Identifier: Apache-2.0

import Multicast

/// No sequence of netlink messages crashes the parser or the table that is made of them.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let envelopes = NetlinkEnvelope.parse([UInt8](UnsafeBufferPointer(start: bytes, count: count))[...])
  let table = InterfaceTable(envelopes.map(\.message))
  // A message takes at least its header of 16 bytes.
  precondition(envelopes.count <= count / 16)
  precondition(table.interfaces.count <= envelopes.count)
  return 0
}
