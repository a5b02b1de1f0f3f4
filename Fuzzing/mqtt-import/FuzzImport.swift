// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import MQTT

private let lines = ConfigurationReader(
  Array("[import]\na=a.a\nb=b.b C\nc=c.c json=x.y\nd=d.d W json=x\n".utf8), path: "/"
).configuration.imports

/// Whatever a payload is, it is a value that a heartbeat can say, in the unit that is expected, or none.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let payload = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  for line in lines {
    guard let value = try? ImportPayload.value(of: payload, by: line) else { continue }
    precondition(count <= ImportPayload.longest && value != .unknown && ReadingValue(value.text) == value)
    if !line.unit.isEmpty { precondition(value.kind == .number(unit: line.unit[...])) }
  }
  return 0
}
