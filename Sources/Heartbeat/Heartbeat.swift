// SPDX-License-Identifier: Apache-2.0

/// A heartbeat as it stands on the wire: `ATU YYYY-MM-DD HH:MM:SS.ffffff`, the sender's wall clock without a
/// zone, and `key=value` words that may follow.
///
/// What is accepted beyond what is sent: 0 to 9 fraction digits (Python leaves the fraction out where it is
/// 0; digits past the sixth are cut off, and a point without a digit is refused), a `T` for the space between
/// date and time, and a zone after it (`Z`, `+HH:MM`, `+HHMM`). Nothing may follow but words, each after
/// exactly one space: a newline at the end makes it another kind of datagram, as do more than `largestSize`
/// bytes.
package struct Heartbeat: Equatable, Sendable {
  /// A `key=value` word after the time.
  package struct Attribute: Equatable, Sendable {
    /// `[a-z][a-z0-9._-]*`, at most 32 bytes.
    package var key: String
    /// Printable ASCII, without its quotes and escapes; may be empty.
    package var value: String

    /// A word, taken as it is.
    package init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// What the sender's wall clock read, and its zone where the payload names it.
  package struct Stamp: Equatable, Sendable {
    /// What the clock read.
    package var time: CivilTime
    /// Seconds east of UTC, less than a day; nil where the payload names no zone, neither after the time nor
    /// in a word `z=+0100`.
    package var utcOffset: Int32?

    /// A reading; the parts are described at the properties.
    package init(time: CivilTime, utcOffset: Int32? = nil) {
      self.time = time
      self.utcOffset = utcOffset
    }

    /// When the sender wrote it, in microseconds since the epoch.
    ///
    /// - Parameter zoneOffset: Of a clock whose zone is not named, in microseconds east of UTC.
    package func microseconds(zoneOffset: Int64) -> Int64 {
      time.microsecondsSinceEpochAsUTC - (utcOffset.map { Int64($0) * 1_000_000 } ?? zoneOffset)
    }
  }

  /// What the sender's wall clock read, and its zone.
  package var stamp: Stamp
  /// What the sender's wall clock read.
  package var time: CivilTime { stamp.time }
  /// The words after the time in the order of the wire; an unknown or repeated key is kept.
  package var attributes: [Attribute]

  /// The size of a heartbeat without words, in bytes.
  package static let encodedSize = 30
  /// The size of the longest heartbeat that is accepted, in bytes: a receiver with a buffer of 1024 has it
  /// whole.
  package static let largestSize = 1000

  /// A heartbeat.
  package init(time: CivilTime, utcOffset: Int32? = nil, attributes: [Attribute] = []) {
    stamp = Stamp(time: time, utcOffset: utcOffset)
    self.attributes = attributes
  }

  /// What the payload says, or nil if it is not a heartbeat. Allocates only for attributes.
  package init?(_ payload: UnsafeRawBufferPointer) {
    var scanner = HeartbeatScanner(payload)
    guard let stamp = scanner.stamp() else { return nil }
    var attributes: [Attribute] = []
    while !scanner.isAtEnd {
      guard let word = scanner.word() else { return nil }
      attributes.append(Attribute(word, in: payload))
    }
    let offset = stamp.utcOffset ?? Self.read(payload)?.stamp.utcOffset
    self.init(time: stamp.time, utcOffset: offset, attributes: attributes)
  }

  /// What the payload says, or nil if it is not a heartbeat.
  package init?(_ payload: [UInt8]) {
    guard let heartbeat = payload.withUnsafeBytes({ Heartbeat($0) }) else { return nil }
    self = heartbeat
  }

  /// What the receive loop asks of every datagram. Its readings are read only where they are others than
  /// before.
  package struct Outline: Equatable, Sendable {
    /// What the sender's wall clock read.
    package var stamp: Stamp
    /// What the sender says of itself; nil for a plain heartbeat.
    package var said: Announcement?
    /// Where its readings stand in the payload, from the first to the end of the last; empty for none.
    package var readings: Range<Int>

    /// An outline; the parts are described at the properties.
    package init(stamp: Stamp, said: Announcement? = nil, readings: Range<Int> = 0..<0) {
      self.stamp = stamp
      self.said = said
      self.readings = readings
    }
  }

  /// The time of a payload that `init(_:)` would accept, and what the sender says of itself. Never allocates.
  package static func read(_ payload: UnsafeRawBufferPointer) -> Outline? {
    var scanner = HeartbeatScanner(payload)
    guard let stamp = scanner.stamp() else { return nil }
    var outline = Outline(stamp: stamp)
    guard !scanner.isAtEnd else { return outline }
    var (said, seen) = (Announcement(), UInt8(0))
    while !scanner.isAtEnd {
      guard let word = scanner.word() else { return nil }
      let key = UnsafeRawBufferPointer(rebasing: payload[word.key])
      let value = UnsafeRawBufferPointer(rebasing: payload[word.value])
      said.note(key, value, seen: &seen)
      if key.contains(UInt8(ascii: ".")) {
        let start = outline.readings.isEmpty ? word.key.lowerBound : outline.readings.lowerBound
        outline.readings = start..<scanner.position
      }
      if key.count == 1, key[0] == UInt8(ascii: "z"), outline.stamp.utcOffset == nil {
        outline.stamp.utcOffset = HeartbeatScanner.zone(value)
      }
    }
    if seen != 0 { outline.said = said }
    return outline
  }

  /// Whether `init(_:)` would accept the payload. Never allocates.
  package static func matches(_ payload: UnsafeRawBufferPointer) -> Bool { read(payload) != nil }

  /// Writes `ATU YYYY-MM-DD HH:MM:SS.ffffff`.
  ///
  /// - Parameters:
  ///   - time: What the wall clock reads.
  ///   - buffer: At least `encodedSize` bytes; a smaller one is a programming error and traps.
  /// - Returns: The number of bytes written, always `encodedSize`.
  @discardableResult
  package static func encode(_ time: CivilTime, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    precondition(buffer.count >= encodedSize, "a heartbeat needs \(encodedSize) bytes")
    buffer[0] = UInt8(ascii: "A")
    buffer[1] = UInt8(ascii: "T")
    buffer[2] = UInt8(ascii: "U")
    buffer[3] = UInt8(ascii: " ")
    write(time.year, digits: 4, at: 4, before: "-", in: buffer)
    write(time.month, digits: 2, at: 9, before: "-", in: buffer)
    write(time.day, digits: 2, at: 12, before: " ", in: buffer)
    write(time.hour, digits: 2, at: 15, before: ":", in: buffer)
    write(time.minute, digits: 2, at: 18, before: ":", in: buffer)
    write(time.second, digits: 2, at: 21, before: ".", in: buffer)
    write(time.microsecond, digits: 6, at: 24, before: nil, in: buffer)
    return encodedSize
  }

  private static func write(
    _ number: Int, digits: Int, at offset: Int, before separator: Unicode.Scalar?,
    in buffer: UnsafeMutableRawBufferPointer
  ) {
    var rest = number
    for position in stride(from: offset + digits - 1, through: offset, by: -1) {
      buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    if let separator { buffer[offset + digits] = UInt8(ascii: separator) }
  }
}

extension HeartbeatScanner {
  /// The time at the start, and its zone where there is one.
  fileprivate mutating func stamp() -> Heartbeat.Stamp? {
    time().map { Heartbeat.Stamp(time: $0, utcOffset: zone()) }
  }
}

extension Heartbeat.Attribute {
  /// The word that the scanner found at these places of the payload.
  init(_ word: HeartbeatScanner.Word, in payload: UnsafeRawBufferPointer) {
    let escaped = payload[word.value]
    key = String(decoding: payload[word.key], as: UTF8.self)
    guard word.isQuoted else {
      value = String(decoding: escaped, as: UTF8.self)
      return
    }
    var plain: [UInt8] = []
    plain.reserveCapacity(escaped.count)
    var isEscape = false
    for byte in escaped {
      isEscape = !isEscape && byte == UInt8(ascii: "\\")
      if !isEscape { plain.append(byte) }
    }
    value = String(decoding: plain, as: UTF8.self)
  }
}

/// `2026-11-22 07:25:09.195112`, as in a heartbeat.
extension CivilTime: CustomStringConvertible {
  package var description: String {
    withUnsafeTemporaryAllocation(byteCount: Heartbeat.encodedSize, alignment: 1) { buffer in
      Heartbeat.encode(self, into: buffer)
      // Past the `ATU `.
      return String(decoding: buffer[4...], as: UTF8.self)
    }
  }
}
