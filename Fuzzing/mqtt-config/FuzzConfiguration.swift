// SPDX-License-Identifier: Apache-2.0

import MQTT
import Platform

/// No file crashes the reader of mqtt.conf; a fault is one line that names the file, and what is accepted is
/// within the limits.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  let lines = input.count { $0 == UInt8(ascii: "\n") } + 1
  let reader = ConfigurationReader(input, path: "/m.conf")
  for fault in reader.faults {
    precondition(fault.description.hasPrefix("/m.conf") && (0...lines).contains(fault.line))
    precondition(fault.description.unicodeScalars.allSatisfy { Escape.isPlain($0) })
  }
  let configuration = reader.configuration
  precondition(configuration.port > 0 && configuration.imports.count <= 64)
  for line in configuration.imports {
    precondition(!line.topic.hasPrefix("mcastd/") && !line.topic.hasPrefix("$"))
    precondition(!line.topic.contains("+") && !line.topic.contains("#"))
  }
  precondition(Set(configuration.imports.map(\.key)).count == configuration.imports.count)
  return 0
}
