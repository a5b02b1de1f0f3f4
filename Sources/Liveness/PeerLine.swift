// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// A stored peer as a line of `peers.json`: decimals in a fixed order, a space after each. JSON is three
/// times as long, and to decode 60,000 peers of it took 8 s of a start.
///
/// The first number is the format, which no line of JSON begins with. What the numbers say is judged by
/// `Peer.resumed`, as it is of JSON.
package enum PeerLine {
  /// Changes with the order of the numbers. In 2, of which lines are read still, a peer had no `Tolerance`.
  private static let formats: ClosedRange<UInt8> = 2...3

  /// Whether a line is one of numbers.
  package static func isOne(_ line: UnsafeRawBufferPointer) -> Bool {
    line.first.map { FieldReader.isDigit($0) } ?? false
  }

  /// Appends a line, with its end.
  package static func append(_ entry: PeerSnapshot<PeerID>.Entry, to bytes: inout [UInt8]) {
    var writer = FieldWriter(format: formats.upperBound)
    var entry = entry
    entry.code(with: &writer)
    bytes += writer.bytes
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Reads a line.
  ///
  /// - Parameter line: Without its end.
  /// - Returns: Nil for one that is of another format, or is damaged.
  package static func read(_ line: UnsafeRawBufferPointer) -> PeerSnapshot<PeerID>.Entry? {
    var reader = FieldReader(line)
    guard formats ~= reader.format else { return nil }
    var entry = PeerSnapshot<PeerID>.Entry.blank
    entry.code(with: &reader)
    return reader.isComplete ? entry : nil
  }
}

extension PeerSnapshot.Entry where ID == PeerID {
  /// To be read into.
  fileprivate static var blank: Self {
    let beat = HeartbeatArrival(arrival: 0, payload: 0, wallClock: 0, port: 0)
    let id = PeerID(address: .unspecified(.ipv4), interface: 0)
    return Self(id: id, peer: Peer(beat, gap: 0, listening: 0), reported: nil)
  }

  fileprivate mutating func code(with coder: inout some FieldCoder) {
    id.code(with: &coder)
    coder.code(&reported, as: { $0 ?? .max }, { $0 == .max ? .some(nil) : $0 })
    peer.code(with: &coder)
  }
}

extension PeerID {
  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    var (interface, via, name) = (interface, via, subject.name)
    var address = subject.address ?? .unspecified(.ipv4)
    coder.code(&interface)
    coder.code(&via)
    if !(1...Announcement.mostInterfaces ~= Int(via)) { coder.refuse() }
    coder.code(&name)
    if name == nil { address.code(with: &coder) }
    self = PeerID(name.map { .name($0) } ?? .address(address), interface: interface, via: via)
  }
}

extension IPAddress {
  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    var (family, high, low) = (family, high, low)
    coder.code(&family, as: { $0 == .ipv4 ? 4 : 6 }, { $0 == 4 ? .ipv4 : $0 == 6 ? .ipv6 : nil })
    coder.code(&high)
    coder.code(&low)
    guard family == .ipv6 || (high == 0 && low <= UInt64(UInt32.max)) else { return coder.refuse() }
    self = IPAddress(family: family, high: high, low: low)
  }
}
