// SPDX-License-Identifier: Apache-2.0

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

let second: Int64 = 1_000_000_000

extension IPAddress {
  /// 10.0.0.`number`.
  static func host(_ number: UInt64) -> IPAddress {
    IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + number)
  }
}

extension Monitor.Configuration {
  static func listening(to group: Endpoint?) -> Self {
    Self(group: group, capacity: 1000, expected: [], sources: [], interval: second)
  }
}

extension Monitor.Datagram {
  /// A heartbeat that is sent and arrives at `time` of both clocks.
  ///
  /// - Parameter payloadAhead: How far the time in it is ahead of UTC, in microseconds.
  static func beat(
    from address: IPAddress, at time: Int64, origin: HeartbeatOrigin = .peer, payloadAhead: Int64 = 0,
    said: Announcement? = nil, on interface: Int32 = 0
  ) -> Self {
    let civil = CivilTime(realtime: time + payloadAhead * 1000, zone: .utc)
    return Self(
      outline: Heartbeat.Outline(stamp: Heartbeat.Stamp(time: civil), said: said),
      source: Endpoint(address, port: 5001),
      interface: interface, received: time, origin: origin)
  }
}

extension Monitor {
  /// Joined on eth0, its number 0, at 0 s.
  static func joined(_ configuration: Configuration) -> Monitor {
    var monitor = Monitor(configuration, realtime: 0, at: 0, isGapless: false)
    _ = monitor.number(of: "eth0")
    _ = monitor.handle(.joined(.init(interfaces: [0], withoutCarrier: [], awaited: nil)), at: 0)
    return monitor
  }

  /// A heartbeat each second.
  mutating func hear(
    _ address: IPAddress, at seconds: ClosedRange<Int64>, origin: HeartbeatOrigin = .peer,
    payloadAhead: Int64 = 0, as name: HostName? = nil, run: UInt64 = 1, on interface: Int32 = 0
  ) {
    for time in seconds.lazy.map({ $0 * second }) {
      _ = handle(.reading(realtime: time), at: time)
      var said = Announcement()
      if let name { (said.host, said.run, said.sequence) = (name, run, UInt64(time / second)) }
      let beat = Datagram.beat(
        from: address, at: time, origin: origin, payloadAhead: payloadAhead, said: said, on: interface)
      _ = handle(.datagram(beat), at: time)
      _ = handle(.read(.init(count: 1, isLast: true, stamp: time)), at: time)
    }
  }

  /// Reads what is left of the socket.
  mutating func read(_ count: Int = 0, at time: Int64) {
    _ = handle(.reading(realtime: time), at: time)
    _ = handle(.read(.init(count: count, isLast: true, stamp: time)), at: time)
  }

  mutating func judge(at seconds: Int64, zoneOffset: Int64? = nil) -> [Directive] {
    read(at: seconds * second)
    return handle(.tick(zoneOffset: zoneOffset ?? 0), at: seconds * second)
  }
}

extension [Directive] {
  /// What each is, in short.
  var names: [String] {
    map { directive in
      switch directive {
      case .tell(.peer(.one(let event, _, let interface), _)):
        "\(event.name) \(event.id.subject) \(interface)"
      case .tell(.peer(.removed(let removed), _)):
        (["removed"] + removed.map { "\($0.0.subject)" }.sorted()).joined(separator: " ")
      case .tell(.receiving(.ownBeats(let change, let interface), _)): "own \(change) \(interface)"
      case .tell(.receiving(.verdicts(let change), _)): "verdicts \(change)"
      case .tell(let event): "\(event)"
      case .examine(_, let interface): "examine \(interface)"
      case .wake: "wake"
      }
    }
  }
}

extension PeerEvent {
  fileprivate var name: String {
    switch self {
    case .discovered: "discovered"
    case .silent: "silent"
    case .back: "back"
    case .left: "left"
    case .returned: "returned"
    case .contested: "contested"
    case .unknown: "unknown"
    case .known: "known"
    case .forgotten: "forgotten"
    case .evicted: "evicted"
    case .networkSilent: "networkSilent"
    case .networkHeard: "networkHeard"
    }
  }
}
