// SPDX-License-Identifier: Apache-2.0

import Multicast

/// No packet off the wire crashes the doctor's look at it.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  _ = CapturedPacket([UInt8](UnsafeBufferPointer(start: bytes, count: count))[...])
  return 0
}
