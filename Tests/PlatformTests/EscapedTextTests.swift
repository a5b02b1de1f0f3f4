// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Platform

struct EscapedTextTests {
  /// The bytes that an escaped text stands for.
  private func unescaped(_ text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      let kind = rest.popFirst()
      switch try #require(kind) {
      case UInt8(ascii: "n"): bytes.append(0x0a)
      case UInt8(ascii: "x"):
        bytes.append(try #require(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)))
        rest = rest.dropFirst(2)
      case let other: bytes.append(other)
      }
    }
    return bytes
  }

  @Test(
    "text and its escaped form",
    arguments: [
      ("ATU 2026-11-22 07:25:09.195112", "ATU 2026-11-22 07:25:09.195112"),
      ("", ""),
      (" ~", " ~"),
      ("a\\nb", "a\\\\nb"),
      ("a\nb", "a\\nb"),
      ("\t\r\0\u{7f}", "\\x09\\x0d\\x00\\x7f"),
      ("\u{1b}[2J", "\\x1b[2J"),
      ("é…", "\\xc3\\xa9\\xe2\\x80\\xa6"),
    ])
  func examples(text: String, escaped: String) {
    #expect(EscapedText.string(text.utf8) == escaped)
  }

  @Test("every byte comes out printable, and can be turned back")
  func everyByte() throws {
    let all = (0...255).map { UInt8($0) }
    let text = EscapedText.string(all, limit: 4096)
    #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) })
    #expect(try unescaped(text) == all)
  }

  @Test("256 characters are whole, the 257th is an ellipsis")
  func limit() {
    #expect(EscapedText.string([UInt8](repeating: 0x61, count: 256)) == String(repeating: "a", count: 256))
    #expect(
      EscapedText.string([UInt8](repeating: 0x61, count: 257)) == String(repeating: "a", count: 256) + "…")
    #expect(EscapedText.string([UInt8](repeating: 0, count: 64)).count == 256)
    #expect(EscapedText.string([UInt8](repeating: 0, count: 65)).count == 257)
  }

  @Test("an escape is never cut", arguments: 0...12)
  func wholeEscapes(limit: Int) throws {
    let text = EscapedText.string([0x61, 0x0a, 0x00, 0x62, 0xff], limit: limit)
    // a \n \x00 b \xff: 1, 3, 7, 8, 12
    let whole = [0, 1, 1, 3, 3, 3, 3, 7, 8, 8, 8, 8, 12][limit]
    #expect(text == String("a\\n\\x00b\\xff".prefix(whole)) + (limit < 12 ? "…" : ""))
  }

  @Test("a buffer that is too small is refused, one that just fits is not")
  func smallBuffer() {
    let bytes: [UInt8] = [0x61, 0x0a, 0x00]
    for size in 0...10 {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
      defer { buffer.deallocate() }
      #expect(bytes.withUnsafeBytes { EscapedText.write($0, into: buffer) } == (size >= 7 ? 7 : nil))
      #expect(
        bytes.withUnsafeBytes { EscapedText.write($0, limit: 3, into: buffer) } == (size >= 6 ? 6 : nil))
    }
  }

  @Test("own text keeps its UTF-8 and loses what a terminal would obey")
  func plainText() {
    let own = "239.1.1.1:5001 on eth0 · 42 received \\ …"
    #expect(PlainText.oneLine(own) == own)
    #expect(
      PlainText.oneLine("a\nb\u{1b}[1m\t\u{85}\u{202e}\u{2028}\0")
        == "a\\nb\\x1b[1m\\x09\\x85\\u{202e}\\u{2028}\\x00")
    // One grapheme, two scalars: not a newline for ==, but one for a terminal.
    #expect(PlainText.oneLine("a\r\nb") == "a\\x0d\\nb")
  }

  @Test("a clipped text is at most so many bytes, and valid UTF-8", arguments: 3...14)
  func clipped(limit: Int) {
    let text = "a·b…c·défg"
    let clipped = PlainText.clipped(text, to: limit)
    #expect(clipped.utf8.count <= limit)
    #expect(limit < text.utf8.count ? clipped.hasSuffix("…") : clipped == text)
    #expect(PlainText.clipped("abcdef", to: 6) == "abcdef")
    #expect(PlainText.clipped("abcdef", to: 5) == "ab…")
  }
}
