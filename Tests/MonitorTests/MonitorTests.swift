// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

/// What is told, and when, of what happens. How peers are judged is in LivenessTests.
struct MonitorTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  @Test("a peer is told when it appears and when it falls silent, with what that shows of our membership")
  func silent() throws {
    var monitor = Monitor.joined(.listening(to: Self.group))
    monitor.hear(.host(1), at: 1...20)
    #expect(monitor.judge(at: 20).names == ["discovered 10.0.0.1 eth0", "wake"])
    #expect(monitor.judge(at: 21).names == ["wake"])
    let directives = monitor.judge(at: 26)
    #expect(directives.names == ["silent 10.0.0.1 eth0", "examine 0", "wake"])
    guard case .tell(.peer(.one(_, let moment, _), Self.group)) = directives[0],
      case .examine(.silence(let last, _, let isNetwork), _) = directives[1]
    else {
      Issue.record("\(directives)")
      return
    }
    #expect(moment == 26 * second && last == 20 * second && !isNetwork)
  }

  @Test("a deadline judges as a tick does, and the next one is named")
  func deadline() throws {
    var monitor = Monitor.joined(.listening(to: Self.group))
    monitor.hear(.host(1), at: 1...20)
    guard case .wake(let time?) = monitor.judge(at: 20).last else {
      Issue.record("no deadline")
      return
    }
    #expect(time > 20 * second && time == monitor.liveness.nextDeadline)
    monitor.read(at: 26 * second)
    #expect(monitor.handle(.deadline, at: 26 * second).names.first == "silent 10.0.0.1 eth0")
  }

  @Test("what is heard, read, sent and dropped is told at the next judgement, not before")
  func later() {
    var monitor = Monitor.joined(.listening(to: Self.group))
    let datagram = Monitor.Datagram.beat(from: .host(1), at: second)
    for input: Monitor.Input in [
      .reading(realtime: second), .datagram(datagram), .read(.init(count: 1, isLast: true, stamp: second)),
      .drops(1), .expectsOwn(on: [0]), .sent([(interface: 0, times: [second])]),
    ] { #expect(monitor.handle(input, at: second).isEmpty) }
  }

  @Test("a hundred peers are told at once, and the others 10 ms later")
  func atOnce() {
    var monitor = Monitor.joined(.listening(to: Self.group))
    for host in 1...150 as ClosedRange<UInt64> { monitor.hear(.host(host), at: 1...2) }
    var directives = monitor.judge(at: 2)
    #expect(directives.names.count { $0.hasPrefix("discovered") } == 100)
    guard case .wake(let time)? = directives.last else {
      Issue.record("no deadline")
      return
    }
    #expect(time == 2 * second + 10_000_000)
    directives = monitor.handle(.deadline, at: 2 * second + 10_000_000)
    #expect(directives.names.count { $0.hasPrefix("discovered") } == 50)
  }

  @Test("a host that begins to name itself takes the place of its address, unless that goes on sending")
  func named() {
    var monitor = Monitor.joined(.listening(to: Self.group))
    monitor.hear(.host(1), at: 1...20)
    _ = monitor.judge(at: 20)
    monitor.hear(.host(1), at: 21...22, as: "ups1")
    #expect(monitor.judge(at: 22).names == ["removed 10.0.0.1", "discovered ups1 eth0", "wake"])
    // A plain sender beside it.
    monitor.hear(.host(1), at: 23...24)
    #expect(monitor.judge(at: 24).names == ["discovered 10.0.0.1 eth0", "wake"])
    monitor.hear(.host(1), at: 25...25, as: "other")
    monitor.hear(.host(1), at: 26...26)
    monitor.hear(.host(1), at: 27...27, as: "other")
    #expect(monitor.judge(at: 27).names == ["discovered other eth0", "wake"])
    #expect(monitor.liveness.counts.total == 3)
  }

  @Test("another host with our own name, or with one that is heard in another network, is told once")
  func namesakes() throws {
    var monitor = Monitor.joined(.listening(to: Self.group))
    _ = monitor.number(of: "eth1")
    _ = monitor.handle(.joined(.init(interfaces: [0, 1], withoutCarrier: [], awaited: nil)), at: 0)
    _ = monitor.handle(.expectsOwn(on: [0]), at: 0)
    monitor.hear(.host(9), at: 1...1, origin: .loopback, as: "web1")
    monitor.hear(.host(1), at: 1...3, as: "web1", run: 7)
    monitor.hear(.host(2), at: 1...3, as: "ups1")
    let directives = monitor.judge(at: 3)
    #expect(
      directives.names
        == ["discovered web1 eth0", "contested web1 eth0", "discovered ups1 eth0", "wake"])
    let other = directives.compactMap { directive -> IPAddress? in
      guard case .tell(.peer(.one(.contested(_, let other), _, _), _)) = directive else { return nil }
      return other
    }
    #expect(other == [.host(9)])

    // The same host in both networks, and then another one.
    monitor.hear(.host(2), at: 4...5, as: "ups1")
    monitor.hear(.host(3), at: 4...5, as: "ups1", on: 1)
    #expect(monitor.judge(at: 5).names == ["discovered ups1 eth1", "wake"])
    monitor.hear(.host(4), at: 6...7, as: "ups4")
    _ = monitor.judge(at: 7)
    monitor.hear(.host(4), at: 8...8, as: "ups4")
    monitor.hear(.host(5), at: 7...8, as: "ups4", run: 2, on: 1)
    #expect(monitor.judge(at: 8).names.prefix(2) == ["discovered ups4 eth1", "contested ups4 eth1"])
  }

  @Test("expected peers that were never heard are told once, together, with how long they were waited for")
  func neverHeard() {
    var configuration = Monitor.Configuration.listening(to: Self.group)
    configuration.expected = [.address(.host(7)), .address(.host(8))]
    var monitor = Monitor.joined(configuration)
    let told = (1...30 as ClosedRange<Int64>).flatMap { monitor.judge(at: $0) }.compactMap { directive in
      if case .tell(.peer(.neverHeard(let addresses, let waited), Self.group)) = directive {
        return (addresses, waited)
      }
      return nil as ([PeerSubject], Int64)?
    }
    #expect(told.map(\.0) == [[.address(.host(7)), .address(.host(8))]] && told.map(\.1) == [10 * second])
  }

  @Test("our own heartbeats that do not come back are told with the interface, and that they do again")
  func ownBeats() {
    var monitor = Monitor.joined(.listening(to: Self.group))
    _ = monitor.handle(.expectsOwn(on: [0]), at: 0)
    _ = monitor.handle(.sent([(interface: 0, times: (1...9).map { $0 * second })]), at: 9 * second)
    #expect(monitor.judge(at: 10).names == ["own notHeard(unheard: 9) eth0", "wake"])
    monitor.hear(.host(99), at: 11...11, origin: .loopback)
    #expect(monitor.judge(at: 12).names == ["own heardAgain(silentFor: 10000000000) eth0", "wake"])
  }

  @Test("that the kernel drops too much is told before peers are judged")
  func drops() {
    var monitor = Monitor.joined(.listening(to: Self.group))
    monitor.hear(.host(1), at: 1...20)
    _ = monitor.handle(.drops(0), at: 20 * second)
    _ = monitor.judge(at: 20)
    monitor.read(70, at: 21 * second)
    _ = monitor.handle(.drops(30), at: 21 * second)
    #expect(monitor.judge(at: 21).names.first == "verdicts suspended(share: 0.3)")
    #expect(monitor.judge(at: 26).names.first == "verdicts resumed(after: 6000000000)")
  }

  // MARK: What is not to be heard any more

  @Test("of another group all peers are removed, which is told with the group that they were of")
  func otherGroup() {
    let other = Endpoint(Self.group.address, port: 5002)
    for new in [.listening(to: other), .listening(to: nil)] as [Monitor.Configuration] {
      var monitor = Monitor.joined(.listening(to: Self.group))
      monitor.hear(.host(1), at: 1...20)
      let directives = monitor.handle(.configured(new), at: 20 * second)
      guard case .tell(.peer(.removed(let removed), let group)) = directives.first else {
        Issue.record("\(directives)")
        continue
      }
      #expect(directives.count == 1 && group == Self.group)
      #expect(removed.map(\.0.subject) == [.address(.host(1))] && removed.map(\.interface) == ["eth0"])
      #expect(monitor.liveness.counts.total == 0)
    }
  }

  @Test("peers are removed that are no source any more; the same configuration changes nothing")
  func sources() {
    var configuration = Monitor.Configuration.listening(to: Self.group)
    var monitor = Monitor.joined(configuration)
    for host in 1...3 as ClosedRange<UInt64> { monitor.hear(.host(host), at: 1...20) }
    #expect(monitor.handle(.configured(configuration), at: 20 * second).isEmpty)
    configuration.sources = [.host(2)]
    let directives = monitor.handle(.configured(configuration), at: 20 * second)
    #expect(directives.names == ["removed 10.0.0.1 10.0.0.3"])
    #expect(monitor.liveness.counts.total == 1)
  }

  @Test("peers of an interface that is not wanted any more are removed, those of one that is waited for stay")
  func interfaces() {
    for (awaited, names) in [(Set(["eth0"]), []), (["eth9"], ["removed 10.0.0.1"])] {
      var monitor = Monitor.joined(.listening(to: Self.group))
      monitor.hear(.host(1), at: 1...20)
      let memberships = Monitor.Memberships(interfaces: [], withoutCarrier: [], awaited: awaited)
      #expect(monitor.handle(.joined(memberships), at: 21 * second).names == names)
    }
  }

  @Test("without a group nothing is judged, and nobody need wake")
  func noGroup() {
    var monitor = Monitor.joined(.listening(to: nil))
    monitor.hear(.host(1), at: 1...20)
    guard case .wake(nil) = monitor.judge(at: 60).first else {
      Issue.record("woken for nothing")
      return
    }
  }

  @Test("an interface whose event is not told yet keeps its number")
  func names() {
    var monitor = Monitor.joined(.listening(to: Self.group))
    _ = monitor.handle(.expectsOwn(on: [0]), at: 0)
    _ = monitor.handle(.sent([(interface: 0, times: (1...9).map { $0 * second })]), at: 9 * second)
    _ = monitor.judge(at: 10)
    monitor.hear(.host(99), at: 11...11, origin: .loopback)
    _ = monitor.handle(.joined(.init(interfaces: [], withoutCarrier: [], awaited: [])), at: 12 * second)
    for time in [12, 200] as [Int64] { monitor.releaseNames(except: [], now: time * second) }
    #expect(monitor.number(of: "eth1") == 1)
    #expect(monitor.judge(at: 200).names.first == "own heardAgain(silentFor: 10000000000) eth0")
  }

  // MARK: The zone

  @Test("timestamps are read in the zone of the configuration, from the start and after a reload")
  func zone() throws {
    let ahead: Int64 = 9 * 3_600_000_000
    var configuration = Monitor.Configuration.listening(to: Self.group)
    configuration.zoneOffset = ahead
    var monitor = Monitor.joined(configuration)
    /// What our clock is ahead of a payload that is so far ahead of UTC, in microseconds.
    func offset(at seconds: Int64, payloadAhead: Int64) throws -> Int64 {
      monitor.hear(.host(1), at: seconds...seconds, payloadAhead: payloadAhead)
      return try #require(monitor.liveness.interfaces.reports(of: .address(.host(1))).first).offset
    }
    monitor.hear(.host(1), at: 100_000...100_000, payloadAhead: ahead)
    #expect(abs(try offset(at: 100_001, payloadAhead: ahead)) < 1_000_000)
    configuration.zoneOffset = 0
    _ = monitor.handle(.configured(configuration), at: 100_002 * second)
    #expect(abs(try offset(at: 100_002, payloadAhead: 0)) < 1_000_000)
    #expect(abs(try offset(at: 100_003, payloadAhead: ahead)) > 8 * 3_600_000_000)
    // As summer time would have it.
    _ = monitor.judge(at: 100_004, zoneOffset: ahead)
    #expect(abs(try offset(at: 100_004, payloadAhead: ahead)) < 1_000_000)
  }

  @Test("an expected peer is told when it is expected, heard, lost with its interface and expected no longer")
  func expected() {
    var configuration = Monitor.Configuration.listening(to: Self.group)
    var monitor = Monitor.joined(configuration)
    func changes(_ directives: [Directive]) -> [String] {
      directives.flatMap { directive in
        if case .tell(.peer(.expected(let peers), Self.group)) = directive {
          peers.map { "\($0.subject) \($0.state.map { "\($0)" } ?? "-")" }
        } else {
          [String]()
        }
      }
    }
    configuration.expected = [.address(.host(1)), .address(.host(2))]
    #expect(
      changes(monitor.handle(.configured(configuration), at: 0)) == ["10.0.0.1 unknown", "10.0.0.2 unknown"])
    #expect(changes(monitor.judge(at: 1)) == [])
    monitor.hear(.host(1), at: 2...4)
    #expect(changes(monitor.judge(at: 4)) == ["10.0.0.1 -"])
    _ = monitor.handle(.joined(.init(interfaces: [], withoutCarrier: [], awaited: [])), at: 5 * second)
    #expect(changes(monitor.judge(at: 5)) == ["10.0.0.1 unknown"])
    configuration.expected = [.address(.host(1))]
    #expect(changes(monitor.handle(.configured(configuration), at: 5 * second)) == ["10.0.0.2 -"])
  }

  // MARK: False alarms

  @Test("after a reload all peers are judged by the false alarms that are allowed now, and none is lost")
  func falseAlarms() throws {
    var configuration = Monitor.Configuration.listening(to: Self.group)
    configuration.falseAlarms = try #require(FalseAlarmRate("0.001/y"))
    var monitor = Monitor.joined(configuration)
    monitor.hear(.host(1), at: 1...30)
    monitor.hear(.host(1), at: 32...60)
    func beats() -> Int? {
      monitor.liveness.interfaces.reports(of: .address(.host(1))).first?.silentAfterBeats
    }
    _ = monitor.judge(at: 60)
    let before = try #require(beats())
    configuration.falseAlarms = try #require(FalseAlarmRate("100/h"))
    #expect(monitor.handle(.configured(configuration), at: 60 * second).isEmpty)
    _ = monitor.judge(at: 60)
    #expect(try #require(beats()) < before && monitor.liveness.counts.alive == 1)
  }

  // MARK: Replay

  @Test("the same inputs bring about the same directives")
  func replay() {
    let seed = SeededRandom.seed(default: 0x6d6f_6e69)
    func run() -> [String] {
      var random = SeededRandom(seed: seed)
      var configuration = Monitor.Configuration.listening(to: Self.group)
      configuration.expected = [.address(.host(3))]
      var monitor = Monitor.joined(configuration)
      return (1...300 as ClosedRange<Int64>).flatMap { time in
        for host in 1...5 as ClosedRange<UInt64> where !random.chance(Double(time / 30 % 2)) {
          monitor.hear(.host(host), at: time...time)
        }
        if random.chance(0.02) { _ = monitor.handle(.drops(random.below(20)), at: time * second) }
        return monitor.judge(at: time).map { "\($0)" }
      }
    }
    let first = run()
    #expect(first == run() && first.count > 300)
  }
}
