// SPDX-License-Identifier: Apache-2.0

import Platform

/// The sender of a heartbeat.
package enum HeartbeatOrigin: Equatable, Sendable {
  /// Another host, or another program on this one.
  case peer
  /// This process, on the interface that it came in by: the kernel looped it back.
  case loopback
  /// This process, on another interface of this host in the same network.
  case otherInterface
}

/// From where our heartbeats leave on one interface.
package struct OwnSender: Equatable, Sendable {
  /// Its number in `InterfaceNames`.
  package var interface: Int32
  /// The address is 0.0.0.0 or :: where the kernel chooses one for each datagram.
  package var source: Endpoint

  /// A sender on an interface.
  package init(interface: Int32, source: Endpoint) {
    self.interface = interface
    self.source = source
  }
}

/// Recognises our own heartbeats: they come from the address and port of one of our senders, on
/// whichever interface, and carry a time that was sent.
///
/// Address and port alone do not suffice: once a sender is closed, any local user can bind its port.
package struct OwnSenders: Sendable {
  /// Closed senders of this process that are remembered: what they sent may still wait in the socket.
  private static let remembered = 16

  private let sent: SentTimes
  private var current: [OwnSender] = []
  private var closed: [OwnSender] = []
  /// Those of the previous process, until all is read that waited in the socket when this one began.
  private var previous: SenderCheckpoint?
  /// A bit for each port modulo 64, so that a datagram of others costs one comparison.
  private var ports: UInt64 = 0

  /// No senders yet.
  ///
  /// - Parameters:
  ///   - sent: The times that this process sends.
  ///   - previous: What the previous process left.
  package init(sent: SentTimes, previous: SenderCheckpoint? = nil) {
    self.sent = sent
    self.previous = previous
    notePorts()
  }

  /// Heartbeats leave from these from now on.
  package mutating func set(_ senders: [OwnSender]) {
    for sender in current where !senders.contains(sender) { closed.append(sender) }
    closed = closed.suffix(Self.remembered).filter { !senders.contains($0) }
    current = senders
    notePorts()
  }

  /// Nothing that the previous process sent waits in the socket any more.
  package mutating func forgetPrevious() {
    guard previous != nil else { return }
    previous = nil
    notePorts()
  }

  private var all: [OwnSender] { current + closed + (previous?.senders ?? []) }

  private mutating func notePorts() {
    ports = all.reduce(0) { $0 | Self.bit($1.source.port) }
  }

  @inline(__always)
  private static func bit(_ port: UInt16) -> UInt64 { 1 << UInt64(port & 63) }

  /// Whether a port may be one of ours: false for most others, and `find` is exact.
  @inline(__always)
  package func mayBeOwn(_ port: UInt16) -> Bool { ports & Self.bit(port) != 0 }

  /// The sender of ours that sent a heartbeat; nil if none did. Allocates nothing.
  ///
  /// - Parameters:
  ///   - source: Where it came from.
  ///   - payload: The time in it, in microseconds (`CivilTime.microsecondsSinceEpochAsUTC`).
  ///   - isLocal: Whether an address is one of this host's.
  package func find(_ source: Endpoint, payload: Int64, isLocal: (IPAddress) -> Bool) -> OwnSender? {
    if let sender = Self.first(of: current, source, isLocal) ?? Self.first(of: closed, source, isLocal),
      sent.contains(payload)
    {
      return sender
    }
    guard let previous, previous.mayHaveSent(payload) else { return nil }
    return Self.first(of: previous.senders, source, isLocal)
  }

  private static func first(
    of senders: [OwnSender], _ source: Endpoint, _ isLocal: (IPAddress) -> Bool
  ) -> OwnSender? {
    senders.first { matches($0, source, isLocal) }
  }

  private static func matches(
    _ sender: OwnSender, _ source: Endpoint, _ isLocal: (IPAddress) -> Bool
  ) -> Bool {
    guard sender.source.port == source.port else { return false }
    return sender.source.address == source.address
      || (sender.source.address.isUnspecified && isLocal(source.address))
  }

  /// The interfaces of all senders that are known, closed ones included.
  package var allInterfaces: Set<Int32> { Set(all.map(\.interface)) }

  /// The interfaces that heartbeats leave on.
  package var interfaces: Set<Int32> { Set(current.map(\.interface)) }

  /// The address that heartbeats leave from on an interface; nil where the kernel chooses one for each.
  package func address(on interface: Int32) -> IPAddress? {
    current.first { $0.interface == interface && !$0.source.address.isUnspecified }?.source.address
  }

  /// State handed to the next process.
  ///
  /// - Parameter isComplete: Whether nothing is sent any more.
  package func kept(isComplete: Bool) -> SenderCheckpoint {
    SenderCheckpoint(
      senders: current + closed, times: sent.latest(SenderCheckpoint.times), isComplete: isComplete)
  }
}

/// What the previous process sent last, and from where.
package struct SenderCheckpoint: Equatable, Sendable {
  /// Payload times kept: 4 min at 1 Hz.
  static let times = 256
  /// Senders taken over.
  static let most = 64
  /// Longest time from one to the next, in nanoseconds.
  package static let longestPeriod: Int64 = 60_000_000_000
  /// How long ago the last time may have been written, in microseconds.
  private static let unwritten: Int64 = 2 * longestPeriod / 1000

  /// At most `most`, in no order.
  private(set) var senders: [OwnSender]
  /// At most `times`, in microseconds, in the order in which they were sent.
  private(set) var times: [Int64]
  /// Whether it was written after the last heartbeat.
  private(set) var isComplete: Bool

  /// The last `most` senders and the last `times` times; times that no heartbeat can carry are left out.
  package init(senders: [OwnSender], times: [Int64], isComplete: Bool) {
    self.senders = Array(senders.suffix(Self.most))
    self.times = times.suffix(Self.times).filter { HeartbeatArrival.times ~= $0 }
    self.isComplete = isComplete
  }

  /// Whether that process may have sent a heartbeat with this time, in microseconds. One that was killed sent
  /// more after the last time that it wrote down.
  func mayHaveSent(_ payload: Int64) -> Bool {
    if times.contains(payload) { return true }
    guard !isComplete, let last = times.last else { return false }
    return payload > last && payload - last < Self.unwritten
  }
}

extension SenderCheckpoint: Codable {
  private struct Place: Codable {
    var interface: Int32
    var address: String
    var port: UInt16
  }

  private enum CodingKeys: CodingKey {
    case senders
    case times
    case isComplete
  }

  /// Leaves out a sender whose address is none, for the rest is of use without it.
  ///
  /// - Throws: `DecodingError`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let places = try container.decode([Place].self, forKey: .senders)
    self.init(
      senders: places.compactMap { place in
        IPAddress(place.address).map {
          OwnSender(interface: place.interface, source: Endpoint($0, port: place.port))
        }
      },
      times: try container.decode([Int64].self, forKey: .times),
      isComplete: try container.decode(Bool.self, forKey: .isComplete))
  }

  /// - Throws: `EncodingError`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let places = senders.map {
      Place(interface: $0.interface, address: "\($0.source.address)", port: $0.source.port)
    }
    try container.encode(places, forKey: .senders)
    try container.encode(times, forKey: .times)
    try container.encode(isComplete, forKey: .isComplete)
  }
}
