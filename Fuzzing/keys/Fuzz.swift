// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// No file of keys crashes the parser; errors name lines that are there.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let file = UnsafeRawBufferPointer(start: bytes, count: count)
  let lines = file.count { $0 == UInt8(ascii: "\n") } + 1
  do throws(KeyFileError) {
    let ring = try KeyRing(file)
    precondition((1...KeyFile.largestCount).contains(ring.keys.count))
  } catch {
    precondition(!error.faults.isEmpty)
    for fault in error.faults { precondition((0...lines).contains(fault.line)) }
  }
  return 0
}
