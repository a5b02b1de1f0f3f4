// SPDX-License-Identifier: Apache-2.0

import Platform
import Settings

/// No file crashes the INI parser; errors name lines that are there.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  let lines = input.count { $0 == UInt8(ascii: "\n") } + 1
  let contents = INI.parse(input)
  for assignment in contents.assignments {
    precondition((1...lines).contains(assignment.line) && !assignment.name.isEmpty)
  }
  for error in contents.errors { precondition((0...lines).contains(error.line)) }
  return 0
}
