// SPDX-License-Identifier: Apache-2.0

import Platform

/// What a sender says of itself in a heartbeat: mcastd's own words, those without a dot.
///
/// Plain values that are read from a datagram without an allocation. A word that says nothing that is
/// understood counts as absent, as an unknown one does; of a repeated one the first counts.
package struct Announcement: Equatable, Sendable {
  /// `host=ups1`: the sender's name.
  package var host: HostName?
  /// `run=19ab34cd012`: when the sender's process started, in milliseconds since the epoch, in hexadecimal. A
  /// later run of a sender has a higher number. 0 where it is not said.
  package var run: UInt64 = 0
  /// `seq=17`: the number of the datagram in its run, from 1, for each interface that it sends on. 0 where it
  /// is not said.
  package var sequence: UInt64 = 0
  /// `via=2`: which of the interfaces that the sender sends on, in the order in which it began to; `sequence`
  /// counts for each. The first is 1, and does not say so.
  package var via: UInt8 = 1
  /// `every=1s`: the next heartbeat comes at the latest after this, in nanoseconds, within
  /// `HeartbeatInterval.range`. 0 where it is not said.
  package var every: Int64 = 0
  /// `state=4`: the number of the last change of its readings in this run. 0 where it is not said.
  package var state: UInt64 = 0
  /// `bye=stop`: the sender leaves on purpose.
  package var isGoodbye = false

  /// The highest `via`.
  package static let mostInterfaces = 64

  /// Nothing is said.
  package init() {}

  /// Whether datagrams that are missing, repeated or out of order are known by their numbers.
  package var isNumbered: Bool { run > 0 && sequence > 0 }
}

extension Announcement {
  /// Takes note of a word.
  ///
  /// - Parameters:
  ///   - key: Its key.
  ///   - value: Its value as it stands; none of these needs quotes.
  ///   - seen: A bit for each key that was noted before.
  mutating func note(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, seen: inout UInt8) {
    func isFirst(_ name: StaticString, _ bit: UInt8) -> Bool {
      guard key.count == name.utf8CodeUnitCount,
        key.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)),
        seen & bit == 0
      else { return false }
      seen |= bit
      return true
    }
    // Most keys of a datagram are of readings.
    guard key.count <= 5 else { return }
    if isFirst("host", 1) {
      host = HostName(value)
    } else if isFirst("run", 2) {
      run = Self.number(value, radix: 16) ?? 0
    } else if isFirst("seq", 4) {
      sequence = Self.number(value, radix: 10) ?? 0
    } else if isFirst("every", 8) {
      every = Self.interval(value) ?? 0
    } else if isFirst("via", 16) {
      let number = Self.number(value, radix: 10) ?? 1
      via = 1...UInt64(Self.mostInterfaces) ~= number ? UInt8(number) : 1
    } else if isFirst("bye", 32) {
      isGoodbye = !value.isEmpty
    } else if isFirst("state", 64) {
      state = Self.number(value, radix: 10) ?? 0
    }
  }

  /// Digits and nothing else; nil for more than 64 bits.
  private static func number(_ text: UnsafeRawBufferPointer, radix: UInt64) -> UInt64? {
    guard !text.isEmpty else { return nil }
    var number: UInt64 = 0
    for byte in text {
      guard let digit = digit(byte), digit < radix else { return nil }
      let (product, isOverflow) = number.multipliedReportingOverflow(by: radix)
      let (sum, isCarry) = product.addingReportingOverflow(digit)
      guard !isOverflow, !isCarry else { return nil }
      number = sum
    }
    return number
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
    default: nil
    }
  }

  /// A whole number with a unit: `1s`, `250ms`.
  private static func interval(_ text: UnsafeRawBufferPointer) -> Int64? {
    let digits = UnsafeRawBufferPointer(rebasing: text.prefix { digit($0).map { $0 < 10 } ?? false })
    let unit = UnsafeRawBufferPointer(rebasing: text[digits.count...])
    guard let number = number(digits, radix: 10), let size = Self.units.first(where: { $0.isNamed(unit) }),
      case (let product, let isOverflow) = number.multipliedReportingOverflow(by: UInt64(size.nanoseconds)),
      !isOverflow, let nanoseconds = Int64(exactly: product), HeartbeatInterval.range.contains(nanoseconds)
    else { return nil }
    return nanoseconds
  }
}

extension Announcement {
  /// A unit of time as it is written after a number.
  struct Unit {
    let name: StaticString
    let nanoseconds: Int64

    func isNamed(_ text: UnsafeRawBufferPointer) -> Bool {
      text.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
  }

  /// The largest first.
  static let units = [
    Unit(name: "h", nanoseconds: 3_600_000_000_000), Unit(name: "min", nanoseconds: 60_000_000_000),
    Unit(name: "s", nanoseconds: 1_000_000_000), Unit(name: "ms", nanoseconds: 1_000_000),
    Unit(name: "us", nanoseconds: 1000), Unit(name: "ns", nanoseconds: 1),
  ]
}
