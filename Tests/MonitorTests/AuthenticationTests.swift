// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

/// What heartbeats have to prove before they count, and what is told of those that do not.
struct AuthenticationTests {
  private static let keys = "k hmac-sha256 \(SealedSender.secrets[0])\n"
  private static let wrong = "k hmac-sha256 \(SealedSender.secrets[1])\n"
  private static let group = SealedSender.group

  private func sender(_ host: HostName, keys: String = Self.keys, run: UInt64 = 1) throws -> SealedSender {
    try #require(try SealedSender(host, keys: keys, run: run))
  }

  private func monitor(_ mode: AuthenticationMode) throws -> Monitor {
    var monitor = Monitor.joined(.listening(to: Self.group))
    _ = monitor.handle(.authenticated(try policy(mode)), at: 0)
    return monitor
  }

  private func policy(
    _ mode: AuthenticationMode, keys: String = Self.keys
  ) throws -> Monitor.AuthenticationPolicy {
    .init(mode: mode, keys: mode == .off ? nil : try SealedSender.ring(keys))
  }

  @Test("where it is required, only authentic heartbeats make peers, and others change none")
  func require() throws {
    var monitor = try monitor(.require)
    var (alpha, forger) = (try sender("alpha"), try sender("beta", keys: Self.wrong))
    var recorded: [[UInt8]] = []
    for time in 1...20 as ClosedRange<Int64> {
      recorded.append(alpha.beat(at: time * second))
      #expect(monitor.hear(recorded[recorded.count - 1], from: 1, at: time) == .ok)
      #expect(monitor.hear(forger.beat(at: time * second), from: 2, at: time) == .bad)
      #expect(monitor.hear(Self.plain(at: time), from: 3, at: time) == Proof.none)
      #expect(
        monitor.hear(Self.plain(at: time, "host=alpha run=1 seq=\(100 + time)"), from: 3, at: time)
          == Proof.none)
    }
    #expect(monitor.judge(at: 20).names.contains("discovered alpha eth0"))
    #expect(monitor.liveness.counts.total == 1)
    // Nothing but its own keeps it alive.
    for time in 21...26 as ClosedRange<Int64> {
      #expect(monitor.hear(recorded[19], from: 1, at: time) == .replayed)
      #expect(
        monitor.hear(Self.plain(at: time, "host=alpha run=1 seq=\(100 + time)"), from: 1, at: time)
          == Proof.none)
    }
    #expect(monitor.judge(at: 26).names.contains("silent alpha eth0"))
    let report = try #require(monitor.report("alpha"))
    #expect(report.proof == .ok && report.lastAddress == .host(1) && report.beats == 20)
    #expect(report.duplicates == 0 && report.restarts == 0)
  }

  @Test("where it is not required all make peers, which are marked by what their last one proves")
  func sign() throws {
    var monitor = try monitor(.sign)
    var senders = [try sender("alpha"), try sender("beta", keys: Self.wrong)]
    let signing = "s ed25519 \(SealedSender.secrets[2])\n"
    _ = monitor.handle(.authenticated(try policy(.sign, keys: Self.keys + signing)), at: 0)
    senders.append(try sender("gamma", keys: signing))
    for time in 1...20 as ClosedRange<Int64> {
      for place in senders.indices {
        _ = monitor.hear(senders[place].beat(at: time * second), from: UInt64(place + 1), at: time)
      }
      _ = monitor.hear(Self.plain(at: time), from: 4, at: time)
    }
    _ = monitor.judge(at: 20)
    #expect(monitor.report("alpha")?.proof == .ok && monitor.report("beta")?.proof == .bad)
    #expect(monitor.report("gamma")?.proof == .signed)
    #expect(monitor.report(.address(.host(4)))?.proof == Proof.none)
    #expect(monitor.hear(senders[0].again(at: 20 * second), from: 1, at: 20) == .replayed)
    #expect(monitor.report("alpha")?.proof == .ok && monitor.report("alpha")?.duplicates == 1)
    // Nothing is said where nothing is asked.
    _ = monitor.handle(.authenticated(.off), at: 20 * second)
    #expect(monitor.hear(senders[0].beat(at: 21 * second), from: 1, at: 21) == nil)
    #expect(monitor.report("alpha")?.proof == nil)
  }

  @Test("our own heartbeats are marked by what they prove, and come back also where the keys are others")
  func own() throws {
    var monitor = try monitor(.require)
    _ = monitor.handle(.expectsOwn(on: [0]), at: 0)
    var (ours, other) = (try sender("alpha"), try sender("alpha", keys: Self.wrong))
    #expect(monitor.hear(ours.beat(at: second), from: 1, at: 1, origin: .loopback) == .ok)
    #expect(monitor.liveness.selfTest.reports.first?.proof == .ok)
    // Those that left before the keys changed.
    #expect(monitor.hear(other.beat(at: 2 * second), from: 1, at: 2, origin: .loopback) == .bad)
    #expect(monitor.liveness.selfTest.reports.first?.beats == 2)
    _ = monitor.judge(at: 3)
    #expect(monitor.liveness.counts.total == 0)
  }

  // MARK: What is told

  @Test("what is not authentic is told at once, after 10 s and a minute, with reasons and sources by number")
  func told() throws {
    for (mode, isRefused) in [(AuthenticationMode.require, true), (.sign, false)] {
      var monitor = try monitor(mode)
      var (alpha, forger) = (try sender("alpha"), try sender("beta", keys: Self.wrong))
      let first = alpha.beat(at: second)
      _ = monitor.hear(first, from: 1, at: 1)
      var told: [Int64: RefusedHeartbeats] = [:]
      for time in 1...90 as ClosedRange<Int64> {
        for _ in 0..<3 { _ = monitor.hear(forger.beat(at: time * second), from: 2, at: time) }
        _ = monitor.hear(first, from: 3, at: time)
        _ = monitor.hear(Self.plain(at: time), from: 4, at: time)
        for case .tell(.receiving(.notAuthentic(let refused, let flag), Self.group)) in monitor.judge(
          at: time)
        {
          #expect(flag == isRefused)
          told[time] = refused
        }
      }
      #expect(told.keys.sorted() == [1, 11, 71])
      let entry = try #require(told[11])
      // Without a code there is nothing to tell where not all have keys yet.
      #expect(entry.numbers.count == (isRefused ? 50 : 40) && entry.numbers.total == (isRefused ? 55 : 44))
      let reasons = entry.reasons.map(\.reason)
      #expect(reasons == [.code(.wrongMAC)] + (isRefused ? [.noCode, .repeated] : [.repeated]))
      #expect(entry.reasons.map(\.count) == (isRefused ? [30, 10, 10] : [30, 10]))
      #expect(entry.loudest.first?.source == .host(2) && entry.loudest.first?.count == 30)
    }
  }

  @Test("of authentic heartbeats, and of none at all, nothing is told")
  func quiet() throws {
    var monitor = try monitor(.require)
    var alpha = try sender("alpha")
    for time in 1...20 as ClosedRange<Int64> {
      _ = monitor.hear(alpha.beat(at: time * second), from: 1, at: time)
      #expect(monitor.judge(at: time).names.allSatisfy { $0 == "wake" || $0 == "discovered alpha eth0" })
    }
  }

  @Test("a clock that is off is told once with the host and by how much, and once that it is right")
  func clocks() throws {
    var monitor = try monitor(.require)
    var alpha = try sender("alpha")
    var told: [(time: Int64, off: Int64?)] = []
    for time in 1...40 as ClosedRange<Int64> {
      let ahead: Int64 = 11...30 ~= time ? 3600 : 0
      #expect(monitor.hear(alpha.beat(at: (time + ahead) * second), from: 1, at: time) == .ok)
      for case .tell(.receiving(let event, Self.group)) in monitor.judge(at: time) {
        switch event {
        case .clocksOff(let off, more: 0) where off.map(\.host) == ["alpha"]:
          told.append((time, off[0].ahead))
        case .clocksRight(["alpha"], more: 0): told.append((time, nil))
        default: Issue.record("\(event)")
        }
      }
    }
    #expect(told.map(\.time) == [11, 31] && told.map(\.off) == [3_600_000_000, nil])
  }

  @Test("no reading is taken of what was recorded or is not of now, and its host is heard all the same")
  func lateReadings() throws {
    for mode in [AuthenticationMode.require, .sign] {
      var monitor = try monitor(mode)
      var alpha = try sender("alpha")
      let status = Reading.ID(try #require(ReadingKey("ups.status")))
      func value() -> String? { monitor.facts.facts(of: "alpha")?.said(status)?.text }
      func say(_ word: String) throws { alpha.say([Reading(status, try #require(ReadingValue(word)))]) }
      try say("OL")
      for time in 1...10 as ClosedRange<Int64> {
        #expect(monitor.hear(alpha.beat(at: time * second), from: 1, at: time) == .ok)
      }
      #expect(value() == "OL")
      // Recorded while the host was not heard, and sent before and after it says something else.
      try say("OB")
      let recorded = (11...14).map { alpha.beat(at: $0 * second) }
      try say("CHRG")
      #expect(monitor.hear(recorded[0], from: 1, at: 30) == .ok)
      #expect(value() == "OL")
      #expect(monitor.hear(alpha.beat(at: 31 * second), from: 1, at: 31) == .ok)
      #expect(value() == "CHRG")
      #expect(monitor.hear(recorded[1], from: 1, at: 31) == .ok)
      #expect(value() == "CHRG")
      // It says nothing any more: what is over does not come back.
      alpha.say([])
      #expect(monitor.hear(alpha.beat(at: 32 * second), from: 1, at: 32) == .ok)
      _ = monitor.judge(at: 32)
      #expect(value() == nil)
      _ = monitor.judge(at: 40)
      #expect(monitor.hear(recorded[2], from: 1, at: 40) == .ok)
      #expect(value() == nil)
      // A clock that is ahead by an hour.
      try say("OL")
      #expect(monitor.hear(alpha.beat(at: 3641 * second), from: 1, at: 41) == .ok)
      #expect(value() == nil && monitor.report("alpha")?.lastHeard == 41 * second)
      #expect(monitor.hear(alpha.beat(at: 42 * second), from: 1, at: 42) == .ok)
      #expect(value() == "OL")
    }
  }

  @Test("two hosts that have the key under one name: that is told once, and neither's reading counts")
  func namesakes() throws {
    for mode in [AuthenticationMode.require, .sign] {
      var monitor = try monitor(mode)
      var hosts = [try sender("alpha"), try sender("alpha", run: 10_000)]
      let temperature = Reading.ID(try #require(ReadingKey("temp.inlet")))
      for (place, value) in ["35C", "20C"].enumerated() {
        hosts[place].say([Reading(temperature, try #require(ReadingValue(value)))])
      }
      var told: [String] = []
      for time in 1...30 as ClosedRange<Int64> {
        _ = monitor.hear(hosts[0].beat(at: time * second), from: 1, at: time)
        if time > 10 { #expect(monitor.hear(hosts[1].beat(at: time * second), from: 2, at: time) == .ok) }
        told += monitor.judge(at: time).names.filter { $0.hasPrefix("contested") }
        let reports = monitor.facts.reports(of: "alpha", at: time * second)
        if time > 2 {
          #expect((reports.first?.quality.isKnown == false) == (time > 11), "\(time) \(reports)")
        }
      }
      #expect(told == ["contested alpha eth0"])
      // Once one of them is stopped, what the other says counts again.
      for time in 31...45 as ClosedRange<Int64> {
        #expect(monitor.hear(hosts[1].beat(at: time * second), from: 2, at: time) == .ok)
      }
      let report = monitor.facts.reports(of: "alpha", at: 45 * second).first
      #expect(report?.quality == .good && report?.value.text == "20C")
    }
  }

  // MARK: Other keys, modes and groups

  @Test("what was accepted stays accepted with other keys and another mode, and through a time without")
  func otherKeys() throws {
    for mode in [AuthenticationMode.require, .sign, .off] {
      var monitor = try monitor(.require)
      var alpha = try sender("alpha")
      let recorded = (1...10).map { alpha.beat(at: $0 * second) }
      for (place, beat) in recorded.enumerated() {
        #expect(monitor.hear(beat, from: 1, at: Int64(place + 1)) == .ok)
      }
      let new = "n hmac-sha256 \(SealedSender.secrets[2])\n"
      _ = monitor.handle(.authenticated(try policy(mode, keys: Self.keys + new)), at: 11 * second)
      _ = monitor.handle(.authenticated(try policy(.require, keys: new + Self.keys)), at: 11 * second)
      for beat in recorded { #expect(monitor.hear(beat, from: 1, at: 11) == .replayed) }
      #expect(monitor.hear(alpha.beat(at: 12 * second), from: 1, at: 12) == .ok)
      // The old key is gone.
      _ = monitor.handle(.authenticated(try policy(.require, keys: new)), at: 13 * second)
      #expect(monitor.hear(alpha.beat(at: 13 * second), from: 1, at: 13) == .bad)
    }
  }

  @Test("another group knows nothing of what was accepted, and until it has keys nothing in it is authentic")
  func otherGroup() throws {
    var monitor = try monitor(.require)
    var alpha = try sender("alpha")
    #expect(monitor.hear(alpha.beat(at: second), from: 1, at: 1) == .ok && monitor.accepted.count == 1)
    let other = Endpoint(Self.group.address, port: 5002)
    _ = monitor.handle(.configured(.listening(to: other)), at: 2 * second)
    #expect(monitor.accepted.count == 0)
    for time in 3...10 as ClosedRange<Int64> {
      _ = monitor.hear(alpha.beat(at: time * second), from: 1, at: time)
      _ = monitor.hear(Self.plain(at: time), from: 2, at: time)
    }
    _ = monitor.judge(at: 10)
    #expect(monitor.liveness.counts.total == 0)
    _ = monitor.handle(.authenticated(try policy(.require)), at: 11 * second)
    #expect(monitor.hear(alpha.beat(at: 11 * second), from: 1, at: 11) == .bad)
    var moved = try #require(try SealedSender("alpha", keys: Self.keys, group: other))
    #expect(monitor.hear(moved.beat(at: 11 * second), from: 1, at: 11) == .ok)
  }

  @Test("peers.max bounds how many hosts are remembered, also when it changes")
  func bound() throws {
    var configuration = Monitor.Configuration.listening(to: Self.group)
    configuration.capacity = 16
    var monitor = Monitor.joined(configuration)
    _ = monitor.handle(.authenticated(try policy(.require)), at: 0)
    func hear(_ hosts: Range<Int>) throws {
      for host in hosts {
        var sender = try sender("h\(host)")
        _ = monitor.hear(sender.beat(at: second), from: UInt64(host), at: 1)
      }
    }
    // One of them takes the place of another.
    try hear(1..<40)
    #expect(monitor.accepted.count == 16 && monitor.accepted.capacity == 16)
    configuration.capacity = 32
    _ = monitor.handle(.configured(configuration), at: 2 * second)
    try hear(40..<80)
    #expect(monitor.accepted.count == 32)
  }

  /// A heartbeat without a code.
  private static func plain(at seconds: Int64, _ words: String = "") -> [UInt8] {
    let time = CivilTime(realtime: seconds * second, zone: .utc)
    return Array("ATU \(time)\(words.isEmpty ? "" : " \(words)")".utf8)
  }
}

extension Monitor {
  /// A datagram as the receive loop gives it to the monitor.
  ///
  /// - Returns: What it proves.
  fileprivate mutating func hear(
    _ payload: [UInt8], from host: UInt64, at seconds: Int64, origin: HeartbeatOrigin = .peer
  ) -> Proof? {
    let time = seconds * second
    _ = handle(.reading(realtime: time), at: time)
    let proof = payload.withUnsafeBytes { bytes in
      var datagram = Datagram(
        outline: Heartbeat.read(bytes), source: Endpoint(.host(host), port: 5001), interface: 0,
        received: time, origin: origin)
      authenticate(bytes, as: &datagram, at: time)
      _ = handle(.datagram(datagram), at: time)
      noteReadings(bytes, of: datagram)
      return datagram.proof
    }
    _ = handle(.read(.init(count: 1, isLast: true, stamp: time)), at: time)
    return proof
  }

  fileprivate func report(_ name: HostName) -> PeerReport<PeerID>? { report(.name(name)) }

  fileprivate func report(_ subject: PeerSubject) -> PeerReport<PeerID>? {
    liveness.interfaces.report(of: PeerID(subject, interface: 0))
  }
}
