// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Writes the numbers of a stored value one after the other, or reads them: one list of fields serves both,
/// so that what is written is what is read.
protocol FieldCoder {
  /// Of the line: later ones have more fields.
  var format: UInt8 { get }
  /// Writes a number, or puts the one that is read in its place.
  mutating func code<Number: FixedWidthInteger>(_ number: inout Number)
  /// Writes a name, or puts the one that is read in its place; `-` stands for none.
  mutating func code(_ name: inout HostName?)
  /// What was read stands for no value.
  mutating func refuse()
}

extension FieldCoder {
  /// A value that is stored as a small number.
  ///
  /// - Parameters:
  ///   - number: The number of a value.
  ///   - value: The value of a number; nil where it has none.
  @inline(__always)
  mutating func code<Value>(
    _ field: inout Value, as number: (Value) -> UInt8, _ value: (UInt8) -> Value?
  ) {
    var coded = number(field)
    code(&coded)
    if let value = value(coded) { field = value } else { refuse() }
  }

  /// 0 or 1.
  @inline(__always)
  mutating func code(_ flag: inout Bool) {
    code(&flag, as: { $0 ? 1 : 0 }, { $0 > 1 ? nil : $0 == 1 })
  }

  /// 0, 1, or 2 for nil.
  @inline(__always)
  mutating func code(_ flag: inout Bool?) {
    code(&flag, as: { $0.map { $0 ? 1 : 0 } ?? 2 }, { $0 > 2 ? nil : .some($0 == 2 ? nil : $0 == 1) })
  }
}

/// Writes decimals, a space after each; the first is the format.
struct FieldWriter: FieldCoder {
  let format: UInt8
  private(set) var bytes: [UInt8] = []

  init(format: UInt8) {
    self.format = format
    bytes.reserveCapacity(512)
    var first = format
    code(&first)
  }

  mutating func code<Number: FixedWidthInteger>(_ number: inout Number) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = UInt64(number.magnitude)
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
    bytes.append(UInt8(ascii: " "))
  }

  mutating func code(_ name: inout HostName?) {
    if let name { name.withUTF8 { bytes.append(contentsOf: $0) } } else { bytes.append(UInt8(ascii: "-")) }
    bytes.append(UInt8(ascii: " "))
  }

  mutating func refuse() {}
}

/// Reads what `FieldWriter` writes, and nothing else.
struct FieldReader: FieldCoder {
  private(set) var format: UInt8 = 0
  private let bytes: UnsafeRawBufferPointer
  private var place = 0
  private var isSound = true

  /// Begins with the format, the first number.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    var first: UInt8 = 0
    code(&first)
    format = first
  }

  /// Whether all was read, and each number has its type.
  var isComplete: Bool { isSound && place == bytes.count }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  mutating func code<Number: FixedWidthInteger>(_ number: inout Number) {
    guard isSound else { return }
    let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
    if isNegative { place += 1 }
    let start = place
    var magnitude: UInt64 = 0
    var isOverflow = false
    while place < bytes.count, Self.isDigit(bytes[place]) {
      let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(bytes[place] &- UInt8(ascii: "0")))
      isOverflow = isOverflow || overflow || carry
      magnitude = sum
      place += 1
    }
    guard place > start, !isOverflow, place < bytes.count, bytes[place] == UInt8(ascii: " "),
      let read = Self.number(magnitude, isNegative: isNegative) as Number?
    else { return refuse() }
    place += 1
    number = read
  }

  private static func number<Number: FixedWidthInteger>(_ magnitude: UInt64, isNegative: Bool) -> Number? {
    guard isNegative else { return Number(exactly: magnitude) }
    // The magnitude of `Int64.min` is one more than that of any other.
    return magnitude <= Int64.min.magnitude ? Number(exactly: Int64(truncatingIfNeeded: 0 &- magnitude)) : nil
  }

  mutating func code(_ name: inout HostName?) {
    guard isSound else { return }
    let word = bytes[place...].prefix { $0 != UInt8(ascii: " ") }
    let isNone = word.elementsEqual([UInt8(ascii: "-")])
    name = isNone ? nil : HostName(word)
    guard isNone || name != nil, word.endIndex < bytes.count else { return refuse() }
    place = word.endIndex + 1
  }

  mutating func refuse() { isSound = false }
}
