// SPDX-License-Identifier: Apache-2.0

import Journal
import Platform

/// Whatever a payload holds, an entry comes out of the native protocol as it went in: one entry, the same
/// fields, the exact bytes, and a message of printable ASCII.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let payload = UnsafeRawBufferPointer(start: bytes, count: count)
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 1024, alignment: 8)
  defer { memory.deallocate() }
  var builder = JournalEntryBuilder(into: memory)
  builder.beginField("MESSAGE")
  builder.appendEscaped(payload)
  builder.endField()
  builder.append("PRIORITY", integer: 6 as UInt64)
  builder.append("MCAST_PAYLOAD", payload)
  guard let entry = builder.entry else { preconditionFailure("an entry that fits has overflowed") }

  var reader = Reader(bytes: entry)
  let message = reader.field("MESSAGE")
  precondition(message.count <= EscapedText.defaultLimit + EscapedText.ellipsisLength)
  precondition(message.dropLast(EscapedText.ellipsisLength).allSatisfy { $0 >= 0x20 && $0 < 0x7f })
  precondition(reader.line() == "PRIORITY=6")
  precondition(reader.field("MCAST_PAYLOAD").elementsEqual(payload))
  precondition(reader.isAtEnd)
  return 0
}

/// Reads the protocol as journald does, independently of the builder.
struct Reader {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func line() -> String {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { return "" }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  /// A field framed by its length.
  mutating func field(_ name: String) -> Slice<UnsafeRawBufferPointer> {
    precondition(line() == name)
    let length = Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
    let value = bytes[(position + 8)..<(position + 8 + length)]
    position += 8 + length
    precondition(bytes[position] == UInt8(ascii: "\n"))
    position += 1
    return value
  }
}
