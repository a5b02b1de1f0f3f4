// SPDX-License-Identifier: Apache-2.0

import Platform

/// Writes one entry in journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL) into the caller's
/// memory. Allocates nothing.
///
/// Every value is framed by its length (name, newline, 64 bits little-endian, bytes, newline), so that no
/// byte of it can end the field or the entry: in the form `NAME=value` a newline in the value would begin a
/// forged field, and a blank line a forged entry. Only integers take that shorter form.
///
/// What does not fit sets `overflowed`: then nothing more is written, and the entry must not be sent.
package struct JournalEntryBuilder {
  /// Bytes of a field besides its name and value: two newlines and the length.
  package static let framing = 10

  private let start: UnsafeMutableRawPointer?
  private let capacity: Int
  /// Offset of the open field's length; nil outside a field.
  private var openLength: Int?

  /// Bytes written.
  package private(set) var count = 0
  /// Whether something did not fit.
  package private(set) var overflowed = false

  /// - Parameter buffer: must outlive the builder.
  package init(into buffer: UnsafeMutableRawBufferPointer) {
    start = buffer.baseAddress
    capacity = buffer.count
  }

  /// The entry; nil when `overflowed`.
  package var entry: UnsafeRawBufferPointer? {
    precondition(openLength == nil, "a field is open")
    return overflowed ? nil : UnsafeRawBufferPointer(start: start, count: count)
  }

  // MARK: Whole fields

  package mutating func append(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
    beginField(name)
    appendBytes(value)
    endField()
  }

  package mutating func append(_ name: StaticString, _ value: String) {
    beginField(name)
    appendText(value)
    endField()
  }

  package mutating func append(_ name: JournalFieldName, _ value: String) {
    appendText(name.text)
    openField()
    appendText(value)
    endField()
  }

  package mutating func append(_ name: StaticString, integer: UInt64) {
    appendName(name)
    appendByte(UInt8(ascii: "="))
    appendDecimal(integer)
    appendByte(UInt8(ascii: "\n"))
  }

  package mutating func append(_ name: StaticString, integer: Int64) {
    appendName(name)
    appendByte(UInt8(ascii: "="))
    if integer < 0 { appendByte(UInt8(ascii: "-")) }
    appendDecimal(integer.magnitude)
    appendByte(UInt8(ascii: "\n"))
  }

  /// Appends fields that `prepared` has serialised.
  package mutating func append(prepared fields: [UInt8]) {
    fields.withUnsafeBytes { appendBytes($0) }
  }

  // MARK: A field composed in place

  /// Opens a field. What is appended until `endField` is its value.
  package mutating func beginField(_ name: StaticString) {
    appendName(name)
    openField()
  }

  /// Closes the open field and fills in its length.
  package mutating func endField() {
    guard let position = openLength else { preconditionFailure("no field is open") }
    openLength = nil
    appendByte(UInt8(ascii: "\n"))
    guard !overflowed, let start else { return }
    let length = UInt64(count - 1 - position - 8)
    start.storeBytes(of: length.littleEndian, toByteOffset: position, as: UInt64.self)
  }

  package mutating func appendBytes(_ bytes: UnsafeRawBufferPointer) {
    guard let destination = reserve(bytes.count), let source = bytes.baseAddress else { return }
    destination.copyMemory(from: source, byteCount: bytes.count)
  }

  package mutating func appendText(_ text: StaticString) {
    text.withUTF8Buffer { appendBytes(UnsafeRawBufferPointer($0)) }
  }

  package mutating func appendText(_ text: String) {
    var text = text
    text.withUTF8 { appendBytes(UnsafeRawBufferPointer($0)) }
  }

  /// In decimal.
  package mutating func appendDecimal(_ value: UInt64) {
    var digits = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    guard let destination = reserve(digits) else { return }
    rest = value
    for offset in stride(from: digits - 1, through: 0, by: -1) {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      destination.storeBytes(
        of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder), toByteOffset: offset, as: UInt8.self)
      rest = quotient
    }
  }

  /// Bytes from the wire, made printable (`EscapedText`).
  package mutating func appendEscaped(_ bytes: UnsafeRawBufferPointer, limit: Int = EscapedText.defaultLimit)
  {
    guard !overflowed, let start else {
      overflowed = true
      return
    }
    let free = UnsafeMutableRawBufferPointer(start: start + count, count: capacity - count)
    guard let written = EscapedText.write(bytes, limit: limit, into: free) else {
      overflowed = true
      return
    }
    count += written
  }

  // MARK: -

  private mutating func appendName(_ name: StaticString) {
    name.withUTF8Buffer {
      assert(JournalFieldName.isValid(UnsafeRawBufferPointer($0)), "not a journal field name: \(name)")
      appendBytes(UnsafeRawBufferPointer($0))
    }
  }

  private mutating func openField() {
    precondition(openLength == nil, "a field is open")
    appendByte(UInt8(ascii: "\n"))
    openLength = count
    reserve(8)
  }

  private mutating func appendByte(_ byte: UInt8) {
    reserve(1)?.storeBytes(of: byte, as: UInt8.self)
  }

  @discardableResult
  private mutating func reserve(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard !overflowed, bytes <= capacity - count, let start else {
      overflowed = overflowed || bytes > 0
      return nil
    }
    defer { count += bytes }
    return start + count
  }
}

extension JournalEntryBuilder {
  /// Serialises fields that are the same in many entries, for `append(prepared:)`.
  package static func prepared(_ fields: [(JournalFieldName, String)]) -> [UInt8] {
    let size = fields.reduce(0) { $0 + $1.0.text.utf8.count + $1.1.utf8.count + framing }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      var builder = JournalEntryBuilder(into: UnsafeMutableRawBufferPointer(buffer))
      for (name, value) in fields { builder.append(name, value) }
      precondition(!builder.overflowed, "the size above is too small")
      count = builder.count
    }
  }
}
