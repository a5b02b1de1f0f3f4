// SPDX-License-Identifier: Apache-2.0

/// Writes the heartbeats of one sender on one interface: what `Heartbeat.read(_:)` reads, the other way
/// round. Their memory is kept from one to the next.
package struct HeartbeatComposer: Sendable {
  /// The last heartbeat that was composed.
  package private(set) var bytes = [UInt8](repeating: 0, count: Heartbeat.encodedSize)

  /// Has composed nothing yet.
  package init() { bytes.reserveCapacity(Self.usualSize) }

  /// Bytes of a heartbeat with mcastd's own words, a name of ordinary length and two codes.
  private static let usualSize = 352

  /// Composes a heartbeat into `bytes`.
  ///
  /// - Parameters:
  ///   - time: What the wall clock reads.
  ///   - said: Words to follow the time; nil for the plain heartbeat of 30 bytes.
  ///   - utcOffset: Of the wall clock, in seconds east of UTC, for the word `z`; nil leaves it out.
  ///   - readings: At most as long as `room` says; others are left out as a whole.
  ///   - rest: Bytes to leave for a seal.
  package mutating func compose(
    _ time: CivilTime, _ said: Announcement? = nil, utcOffset: Int32? = nil,
    readings: ReadingWords = ReadingWords(), leaving rest: Int = 0
  ) {
    bytes.removeSubrange(Heartbeat.encodedSize...)
    bytes.withUnsafeMutableBytes { _ = Heartbeat.encode(time, into: $0) }
    guard let said else { return }
    if let host = said.host {
      append(" host=")
      host.withUTF8 { bytes.append(contentsOf: $0) }
    }
    if said.run > 0 { append(" run=", said.run, radix: 16) }
    if said.sequence > 0 { append(" seq=", said.sequence) }
    if said.via > 1 { append(" via=", UInt64(said.via)) }
    if let unit = Announcement.units.first(where: { said.every % $0.nanoseconds == 0 }), said.every > 0 {
      append(" every=", UInt64(said.every / unit.nanoseconds))
      append(unit.name)
    }
    if let utcOffset { append(zone: utcOffset) }
    if said.state > 0 { append(" state=", said.state) }
    if said.isGoodbye { append(" bye=stop") }
    if bytes.count + readings.bytes.count + rest <= Heartbeat.largestSize { bytes += readings.bytes }
  }

  /// How many bytes readings may have in each heartbeat of a sender.
  ///
  /// - Parameters:
  ///   - said: The sender's name, run and interval; the numbers do not count.
  ///   - seal: By which they are sealed.
  package static func room(beside said: Announcement, seal: HeartbeatSeal?) -> Int {
    var longest = said
    (longest.sequence, longest.state) = (largestNumber, largestNumber)
    longest.via = UInt8(Announcement.mostInterfaces)
    longest.isGoodbye = true
    var composer = HeartbeatComposer()
    composer.compose(.earliest, longest, utcOffset: 0)
    return Heartbeat.largestSize - composer.bytes.count - (seal?.size ?? 0)
  }

  /// A hundred heartbeats a second for three years.
  private static let largestNumber: UInt64 = 9_999_999_999

  /// Seals the heartbeat that was composed; its own words leave room enough.
  package mutating func seal(with seal: HeartbeatSeal) {
    let count = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: seal.size))
    let end = bytes.withUnsafeMutableBytes { seal.append(to: $0, after: count) }
    bytes.removeSubrange((end ?? count)...)
  }

  private mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(_ text: StaticString, _ number: UInt64, radix: UInt64 = 10) {
    append(text)
    let start = bytes.count
    var rest = number
    repeat {
      let digit = UInt8(truncatingIfNeeded: rest % radix)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      rest /= radix
    } while rest > 0
    bytes[start...].reverse()
  }

  /// To the minute, as zones are nowadays.
  private mutating func append(zone seconds: Int32) {
    append(seconds < 0 ? " z=-" : " z=+")
    let minutes = seconds.magnitude / 60
    for number in [minutes / 60 % 100, minutes % 60] {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
  }
}
