// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// No payload crashes the parser, its three forms agree, and what it accepts can be sent again, with what the
/// sender says of itself.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let payload = UnsafeRawBufferPointer(start: bytes, count: count)
  let heartbeat = Heartbeat(payload)
  precondition(heartbeat?.stamp == Heartbeat.read(payload)?.stamp)
  precondition(Heartbeat.matches(payload) == (heartbeat != nil))
  guard let heartbeat else { return 0 }
  var again = [UInt8](repeating: 0, count: Heartbeat.encodedSize)
  _ = again.withUnsafeMutableBytes { Heartbeat.encode(heartbeat.time, into: $0) }
  precondition(Heartbeat(again)?.time == heartbeat.time)
  guard let said = Heartbeat.read(payload)?.said else { return 0 }
  var composer = HeartbeatComposer()
  composer.compose(heartbeat.time, said, utcOffset: heartbeat.stamp.utcOffset)
  let reading = composer.bytes.withUnsafeBytes { Heartbeat.read($0) }
  precondition(reading?.stamp == heartbeat.stamp && reading?.said ?? Announcement() == said)
  return 0
}
