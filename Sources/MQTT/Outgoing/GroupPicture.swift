// SPDX-License-Identifier: Apache-2.0

import Control
import Facts
import Heartbeat
import Liveness
import Rules

/// What the daemon says of named hosts and of rules, from the replies to `Monitor`.
struct GroupPicture {
  /// Hosts, readings and rules together: each is a topic.
  static let limit = 65_535

  /// What a reply changed.
  enum Change: Hashable {
    /// - Parameter gone: Readings that went with it.
    case host(HostName, gone: [ReadingKey])
    case reading(HostName, ReadingKey)
    case rule(RuleName)
  }

  struct Host {
    /// By interface; empty for one that was never heard.
    fileprivate var interfaces: [String: PeerState] = [:]
    /// The host of the daemon, which is no peer of itself: it is alive while the daemon speaks.
    fileprivate(set) var isOwn = false
    /// Those that are good.
    fileprivate(set) var readings: [ReadingKey: ReadingValue] = [:]

    /// Nil where the daemon said nothing of it.
    var state: PeerState? {
      isOwn ? .alive : PeerState.byPresence.first { interfaces.values.contains($0) }
    }

    fileprivate var isEmpty: Bool { !isOwn && interfaces.isEmpty && readings.isEmpty }
    fileprivate var count: Int { 1 + readings.count }
  }

  private(set) var hosts: [HostName: Host] = [:]
  private(set) var rules: [RuleName: RuleMachine.State] = [:]
  /// Hosts, readings and rules that are known.
  private(set) var count = 0
  /// Whether something was left out for the limit.
  private(set) var isOverfull = false
  /// A host that was left out, since its topics would be the bridge's own.
  private(set) var namesake: HostName?

  /// Takes a part of the snapshot, or an event.
  ///
  /// - Returns: What may be other than before; nil for nothing.
  mutating func take(_ reply: MonitorReply) -> Change? {
    if let name = reply.rule { return takeRule(name, reply) }
    guard let host = reply.host.flatMap({ HostName($0) }) else { return nil }
    guard !BridgeTopics.isTaken(host) else {
      namesake = host
      return nil
    }
    if reply.key != nil { return takeReading(of: host, reply) }
    return takePeer(host, reply)
  }

  private mutating func takeRule(_ name: String, _ reply: MonitorReply) -> Change? {
    guard reply.isDrill != true, let name = RuleName(name),
      let state = reply.state.flatMap({ RuleMachine.State(rawValue: $0) })
    else { return nil }
    if rules[name] == nil {
      guard hasRoom() else { return nil }
      count += 1
    }
    rules[name] = state
    return .rule(name)
  }

  private mutating func takeReading(of name: HostName, _ reply: MonitorReply) -> Change? {
    let quality = reply.quality.flatMap { ReadingQuality(rawValue: $0) }
    guard let key = reply.key.flatMap({ ReadingKey($0) }), quality != .drill else { return nil }
    let value = quality == .good ? reply.value.flatMap { ReadingValue($0) } : nil
    let isGood = value.map { $0 != .unknown } ?? false
    var host = hosts[name] ?? Host()
    host.readings[key] = isGood ? value : nil
    guard put(host, as: name) else { return nil }
    return .reading(name, key)
  }

  private mutating func takePeer(_ name: HostName, _ reply: MonitorReply) -> Change? {
    var host = hosts[name] ?? Host()
    let interface = reply.interface ?? ""
    var gone: [ReadingKey] = []
    if let state = reply.state {
      guard let state = PeerState(rawValue: state) else { return nil }
      if !interface.isEmpty { host.interfaces[""] = nil }
      host.interfaces[interface] = state
    } else {
      host.interfaces[interface] = nil
      // Gone from the table, and what it said with it.
      if host.interfaces.isEmpty, !host.isOwn {
        gone = Array(host.readings.keys)
        host.readings = [:]
      }
    }
    guard put(host, as: name) else { return nil }
    return .host(name, gone: gone)
  }

  /// The snapshot is complete.
  ///
  /// - Parameter own: The name of the daemon's host; nil where it has none.
  mutating func complete(own: HostName?) {
    guard let own else { return }
    guard !BridgeTopics.isTaken(own) else {
      namesake = own
      return
    }
    var host = hosts[own] ?? Host()
    host.isOwn = true
    _ = put(host, as: own)
  }

  /// - Returns: Whether there is room for it.
  private mutating func put(_ host: Host, as name: HostName) -> Bool {
    let (before, now) = (hosts[name]?.count ?? 0, host.isEmpty ? 0 : host.count)
    guard now <= before || hasRoom(for: now - before) else { return false }
    count += now - before
    hosts[name] = host.isEmpty ? nil : host
    return true
  }

  private mutating func hasRoom(for more: Int = 1) -> Bool {
    if count + more <= Self.limit { return true }
    isOverfull = true
    return false
  }

  /// The daemon is gone: nobody knows of readings, rules and states any more.
  mutating func forget() {
    rules = [:]
    for name in hosts.keys { hosts[name]?.forget() }
    count = hosts.count
  }
}

extension GroupPicture.Host {
  fileprivate mutating func forget() {
    (readings, isOwn, interfaces) = ([:], false, ["": .unknown])
  }
}
