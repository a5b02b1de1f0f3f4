// SPDX-License-Identifier: Apache-2.0

/// The grammar of a heartbeat, read from left to right. `Heartbeat.init(_:)`, `read(_:)` and `matches(_:)`
/// all use it, and so agree. It never allocates, and no bytes make it trap.
struct HeartbeatScanner {
  /// A `key=value` word, as places in the payload.
  struct Word {
    var key: Range<Int>
    /// Without the quotes, its escapes as they stand.
    var value: Range<Int>
    var isQuoted: Bool
  }

  private let payload: UnsafeRawBufferPointer
  /// Up to where it was read.
  private(set) var position = 0

  /// At the first byte of a payload.
  init(_ payload: UnsafeRawBufferPointer) {
    self.payload = payload
  }

  /// Whether every byte was read.
  var isAtEnd: Bool { position == payload.count }

  /// The time at the start, up to the first byte after its fraction; nil if it is not one.
  mutating func time() -> CivilTime? {
    // "ATU " and a time to the second.
    guard payload.count >= 23, payload.count <= Heartbeat.largestSize,
      payload[0] == UInt8(ascii: "A"), payload[1] == UInt8(ascii: "T"), payload[2] == UInt8(ascii: "U"),
      payload[3] == UInt8(ascii: " "), payload[8] == UInt8(ascii: "-"), payload[11] == UInt8(ascii: "-"),
      payload[14] == UInt8(ascii: " ") || payload[14] == UInt8(ascii: "T"),
      payload[17] == UInt8(ascii: ":"), payload[20] == UInt8(ascii: ":"),
      let century = twoDigits(at: 4), let yearOfCentury = twoDigits(at: 6), let month = twoDigits(at: 9),
      let day = twoDigits(at: 12), let hour = twoDigits(at: 15), let minute = twoDigits(at: 18),
      let second = twoDigits(at: 21)
    else { return nil }
    position = 23
    guard let microsecond = fraction() else { return nil }
    return CivilTime(
      year: century * 100 + yearOfCentury, month: month, day: day, hour: hour, minute: minute,
      second: second, microsecond: microsecond)
  }

  /// The zone after the time, as Python's `isoformat()` writes it: `Z`, `+HH:MM` or `+HHMM`, less than a day.
  ///
  /// - Returns: Seconds east of UTC; nil where there is none, and nothing is read.
  mutating func zone() -> Int32? {
    if take(UInt8(ascii: "Z")) { return 0 }
    guard let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    let colon = position + 3 < payload.count && payload[position + 3] == UInt8(ascii: ":") ? 1 : 0
    guard position + 5 + colon <= payload.count, let hours = twoDigits(at: position + 1),
      let minutes = twoDigits(at: position + 3 + colon), hours <= 23, minutes <= 59
    else { return nil }
    position += 5 + colon
    let seconds = Int32(hours * 3600 + minutes * 60)
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }

  /// The zone that the value of `z` is; nil where it is none.
  static func zone(_ value: UnsafeRawBufferPointer) -> Int32? {
    var scanner = HeartbeatScanner(value)
    let zone = scanner.zone()
    return scanner.isAtEnd ? zone : nil
  }

  /// The next word with the space before it; nil if what comes is not one. Not to be called at the end.
  mutating func word() -> Word? {
    guard take(UInt8(ascii: " ")) else { return nil }
    let keyStart = position
    guard let first = peek, Self.isLetter(first) else { return nil }
    while let byte = peek, Self.isLetter(byte) || Self.isDigit(byte) || Self.isJoiner(byte) { position += 1 }
    let key = keyStart..<position
    guard key.count <= 32, take(UInt8(ascii: "=")) else { return nil }
    if take(UInt8(ascii: "\"")) {
      guard let value = quotedValue() else { return nil }
      return Word(key: key, value: value, isQuoted: true)
    }
    let valueStart = position
    while let byte = peek, byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      position += 1
    }
    // An empty value is written with quotes, so that a word cut off after its "=" is not taken for one.
    guard position > valueStart else { return nil }
    return Word(key: key, value: valueStart..<position, isQuoted: false)
  }

  /// Printable ASCII up to the closing quote, which is taken; `\"` and `\\` are the only escapes.
  private mutating func quotedValue() -> Range<Int>? {
    let start = position
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        return start..<(position - 1)
      case UInt8(ascii: "\\"):
        guard take(UInt8(ascii: "\"")) || take(UInt8(ascii: "\\")) else { return nil }
      case 0x20...0x7e:
        continue
      default:
        return nil
      }
    }
    return nil
  }

  /// Microseconds from a point and 1 to 9 digits, 0 where there is no point; nil for a point with none or
  /// more.
  private mutating func fraction() -> Int? {
    guard take(UInt8(ascii: ".")) else { return 0 }
    let start = position
    var nanosecond = 0
    while let byte = peek, Self.isDigit(byte), position - start < 9 {
      nanosecond = nanosecond * 10 + Int(byte - UInt8(ascii: "0"))
      position += 1
    }
    let digits = position - start
    guard digits > 0 else { return nil }
    for _ in digits..<9 { nanosecond *= 10 }
    return nanosecond / 1000
  }

  private func twoDigits(at offset: Int) -> Int? {
    let tens = payload[offset] &- UInt8(ascii: "0")
    let ones = payload[offset + 1] &- UInt8(ascii: "0")
    guard tens <= 9, ones <= 9 else { return nil }
    return Int(tens) * 10 + Int(ones)
  }

  private var peek: UInt8? { position < payload.count ? payload[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte }
  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
  private static func isJoiner(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }
}
