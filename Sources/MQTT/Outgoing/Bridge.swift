// SPDX-License-Identifier: Apache-2.0

import Control
import Heartbeat
import Platform

/// What the broker is to be told of the group, as a value: it takes what the daemon says and what the
/// broker acknowledges, and says what is to be published next. Times are in ns of CLOCK_MONOTONIC.
package struct Bridge {
  /// What there is to tell an operator, once each.
  package enum News: Hashable, Sendable {
    /// More hosts, readings and rules than topics.
    case tooManyTopics(limit: Int)
    /// A host whose topics would be the bridge's own.
    case namesake(String)
  }

  /// The bridge's own state; the third, `offline`, is the will.
  private enum State: String {
    case online
    case noDaemon = "no-daemon"
    case offline
  }

  /// Payload of the will, and of a bridge that was stopped.
  static let offline = State.offline.rawValue

  /// Readings with which a host is announced at most, in multiples of what it can say at once: one that says
  /// ever other keys is announced anew.
  private static let mostAnnounced = 4 * ReadingWords.most

  private let topics: BridgeTopics
  /// Nil where it is not asked for.
  private let discovery: Discovery?
  /// Readings of hosts that were announced. One that is not good any more stays: Home Assistant knows by its
  /// topic.
  private var announced: [HostName: [ReadingKey: Discovery.Kind]] = [:]
  private var outbox: Outbox
  private var picture = GroupPicture()
  /// The snapshot that is not complete yet.
  private var next: GroupPicture?
  private var told: Set<News> = []
  private var news: [News] = []

  package init(_ configuration: BridgeConfiguration) {
    topics = BridgeTopics(site: configuration.site)
    discovery = Discovery(configuration)
    outbox = Outbox(expiry: configuration.expirySeconds)
    outbox.set(topics.bridge, State.noDaemon.rawValue)
  }

  /// Topics that there are.
  package var count: Int { outbox.count }
  /// Publications without an acknowledgement.
  package var inFlight: Int { outbox.inFlight }
  /// Whether something can be published now.
  package var hasNext: Bool { outbox.hasNext }
  /// Topic of the will.
  var willTopic: String { topics.bridge }

  // MARK: The daemon

  /// A call of `Monitor` begins: its snapshot replaces what is known when it is complete.
  package mutating func snapshotBegins() { next = GroupPicture() }

  /// Takes a reply to `Monitor`.
  package mutating func take(_ reply: MonitorReply) {
    if reply.event == MonitorReply.Snapshot.complete.rawValue {
      guard var snapshot = next.take() else { return }
      snapshot.complete(own: reply.host.flatMap { HostName($0) })
      note(snapshot)
      picture = snapshot
      publishAll()
    } else if next != nil {
      _ = next?.take(reply)
      note(next)
    } else {
      if let change = picture.take(reply) { publish(change) }
      note(picture)
    }
  }

  /// The daemon is gone, and nobody knows whether what it said is still so.
  package mutating func daemonLost() {
    next = nil
    picture.forget()
    publishAll(.noDaemon)
  }

  private mutating func publishAll(_ state: State = .online) {
    var wanted = [topics.bridge: state.rawValue]
    for (name, host) in picture.hosts {
      if let state = host.state { wanted[topics.state(of: name)] = state.rawValue }
      for (key, value) in host.readings { wanted[topics.reading(key, of: name)] = value.payload }
    }
    for (name, state) in picture.rules { wanted[topics.rule(name)] = state.rawValue }
    announceAll()
    let announcements = Set(announced.keys.compactMap { discovery?.topic(of: $0) })
    for topic in outbox.topics where wanted[topic] == nil && !announcements.contains(topic) {
      outbox.set(topic, nil)
    }
    for (topic, payload) in wanted { outbox.set(topic, payload) }
  }

  private mutating func publish(_ change: GroupPicture.Change) {
    switch change {
    case .rule(let name): outbox.set(topics.rule(name), picture.rules[name]?.rawValue)
    case .reading(let name, let key):
      let value = picture.hosts[name]?.readings[key]
      outbox.set(topics.reading(key, of: name), value?.payload)
      if let value { announce(name, [key: value]) }
    case .host(let name, let gone):
      outbox.set(topics.state(of: name), picture.hosts[name]?.state?.rawValue)
      for key in gone { outbox.set(topics.reading(key, of: name), nil) }
      if picture.hosts[name] == nil, announced.removeValue(forKey: name) != nil, let discovery {
        outbox.set(discovery.topic(of: name), nil)
      }
    }
  }

  // MARK: Discovery

  private mutating func announceAll() {
    guard discovery != nil else { return }
    for name in announced.keys where picture.hosts[name] == nil { announced[name] = nil }
    for (name, host) in picture.hosts { announce(name, host.readings) }
  }

  /// Announces a host with these readings, and those that it was announced with before.
  private mutating func announce(_ name: HostName, _ readings: [ReadingKey: ReadingValue]) {
    guard let discovery, !readings.isEmpty else { return }
    var kinds = (announced[name] ?? [:]).merging(readings.mapValues { Discovery.Kind($0) }) { $1 }
    if kinds.count > Self.mostAnnounced {
      kinds = (picture.hosts[name]?.readings ?? readings).mapValues { Discovery.Kind($0) }
    }
    guard announced[name] != kinds else { return }
    announced[name] = kinds
    outbox.set(
      discovery.topic(of: name), discovery.payload(of: name, kinds), expiry: Discovery.expirySeconds)
  }

  private mutating func note(_ picture: GroupPicture?) {
    if let host = picture?.namesake { tell(.namesake("\(host)")) }
    if picture?.isOverfull == true { tell(.tooManyTopics(limit: GroupPicture.limit)) }
  }

  private mutating func tell(_ item: News) {
    if told.insert(item).inserted { news.append(item) }
  }

  // MARK: The broker

  package mutating func brokerConnected(at now: Int64) { outbox.connected(at: now) }
  package mutating func brokerLost() { outbox.disconnected() }

  /// What is to be published next; nil for nothing at the moment.
  mutating func nextPublication(at now: Int64) -> Outbox.Publication? { outbox.next(at: now) }

  package mutating func acknowledged(_ topic: String) { outbox.acknowledged(topic) }

  /// The bridge is being stopped. What it published lasts until it expires, so that a restart is no outage.
  package mutating func stop() { outbox.set(topics.bridge, Self.offline) }

  /// What was not told yet.
  package mutating func takeNews() -> [News] {
    defer { news = [] }
    return news
  }
}

extension ReadingValue {
  /// A number without its unit; words as they are.
  var payload: String {
    guard case .number(let unit) = kind else { return text }
    return String(text.dropLast(unit.count))
  }
}
