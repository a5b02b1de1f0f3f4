// SPDX-License-Identifier: Apache-2.0

import Varlink

/// No bytes on the control socket crash the framing or the parsing of requests.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  var framer = MessageFramer(limit: 65_536)
  // In two pieces, as a stream may bring them.
  framer.append(Array(input[..<(count / 2)]))
  framer.append(Array(input[(count / 2)...]))
  do {
    while let message = try framer.next() {
      precondition(!message.contains(0))
      _ = try? VarlinkRequest(parsing: message)
    }
  } catch {}
  return 0
}
