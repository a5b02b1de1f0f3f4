// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// No payload crashes the parser, its three forms agree, and what it accepts can be sent again.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let payload = UnsafeRawBufferPointer(start: bytes, count: count)
  let heartbeat = Heartbeat(payload)
  precondition(heartbeat?.stamp == Heartbeat.stamp(of: payload))
  precondition(Heartbeat.matches(payload) == (heartbeat != nil))
  guard let heartbeat else { return 0 }
  var again = [UInt8](repeating: 0, count: Heartbeat.encodedSize)
  _ = again.withUnsafeMutableBytes { Heartbeat.encode(heartbeat.time, into: $0) }
  precondition(Heartbeat(again)?.time == heartbeat.time)
  return 0
}
