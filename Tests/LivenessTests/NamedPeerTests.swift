// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

/// A sender that names itself and numbers its heartbeats.
private struct NamedSender {
  var name: HostName = "ups1"
  var run: UInt64 = 1000
  var address = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005)
  var via: UInt8 = 1
  var every: Int64 = second

  func beat(_ number: UInt64, at arrival: Int64, isGoodbye: Bool = false) -> HeartbeatArrival {
    var said = Announcement()
    (said.host, said.run, said.sequence, said.via, said.every) = (name, run, number, via, every)
    said.isGoodbye = isGoodbye
    return HeartbeatArrival(
      arrival: arrival, payload: arrival / 1000, wallClock: arrival / 1000, address: address, port: 4000,
      said: said)
  }

  func id(on interface: Int32 = 0) -> PeerID { PeerID(.name(name), interface: interface, via: via) }
}

extension IPAddress {
  /// Of another sender than `NamedSender` is by itself.
  fileprivate static let namesake = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0006)
}

/// A group that is joined on eth0, and what it tells.
private struct Network {
  var peers = PeerInterfaces(capacity: 100)
  var told: [String] = []
  private var selfTest = SelfTest()

  init(expected: [PeerSubject] = []) {
    _ = peers.number(of: "eth0")
    _ = peers.number(of: "eth1")
    _ = peers.listen(on: [0, 1], awaited: nil, now: 0)
    peers.expect(expected)
  }

  mutating func hear(_ beat: HeartbeatArrival, from id: PeerID) {
    peers.heard(beat, from: id)
    judge(at: beat.arrival)
  }

  mutating func hear(_ sender: NamedSender, _ number: UInt64, at time: Int64, isGoodbye: Bool = false) {
    hear(sender.beat(number, at: time, isGoodbye: isGoodbye), from: sender.id())
  }

  mutating func hear(_ sender: NamedSender, _ numbers: ClosedRange<UInt64>, from start: Int64) {
    for number in numbers {
      hear(sender, number, at: start + Int64(number - numbers.lowerBound) * sender.every)
    }
  }

  mutating func judge(at now: Int64) {
    _ = peers.judge(at: now, now: now, selfTest: selfTest)
    for event in peers.takeEvents(limit: 100) {
      let name =
        switch event {
        case .discovered: "discovered"
        case .silent: "silent"
        case .back: "back"
        case .left: "left"
        case .returned(let peer): peer.wasRestarted ? "restarted" : "returned"
        case .contested(_, let other): "also \(other)"
        case .networkSilent: "network silent"
        case .networkHeard: "network heard"
        case .unknown: "unknown"
        case .known: "known"
        case .forgotten: "forgotten"
        case .evicted: "evicted"
        }
      told.append(name)
    }
  }

  func report(_ sender: NamedSender) throws -> PeerReport<PeerID> {
    try #require(peers.report(of: sender.id()))
  }
}

@Suite("A peer that names itself")
struct NamedPeerTests {
  @Test("its pace is known from its first heartbeat")
  func announcedInterval() throws {
    var network = Network()
    var slow = NamedSender()
    slow.every = 10 * second
    network.hear(slow, 1...2, from: second)
    #expect(try network.report(slow).interval == 10 * second && network.report(slow).announcesInterval)
    var fast = NamedSender(name: "ups2")
    fast.every = 100 * millisecond
    network.hear(fast, 1...2, from: 12 * second)
    #expect(try network.report(fast).interval == 100 * millisecond)
    // Five are missing, and a half.
    network.judge(at: 12 * second + 649 * millisecond)
    #expect(network.told == ["discovered", "discovered"])
    network.judge(at: 12 * second + 651 * millisecond)
    #expect(network.told.last == "silent")
    // What it announces now counts, not what it did.
    fast.every = 2 * second
    network.hear(fast, 3...5, from: 20 * second)
    #expect(try network.report(fast).interval == 2 * second)
  }

  @Test("another address is the same peer, and another interface of its own has numbers of its own")
  func addresses() throws {
    var network = Network()
    var sender = NamedSender()
    network.hear(sender, 1...5, from: second)
    sender.address = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0006)
    network.hear(sender, 6...10, from: 6 * second)
    #expect(try network.report(sender).address == sender.address && network.told == ["discovered"])
    #expect(try network.report(sender).missed == 0 && network.report(sender).beats == 10)
    var other = sender
    other.via = 2
    network.hear(other, 1...3, from: 11 * second)
    #expect(network.told == ["discovered", "discovered"])
    #expect(network.peers.reports(of: .name("ups1")).count == 2)
    #expect(try network.report(other).missed == 0 && network.report(other).duplicates == 0)
  }

  @Test(
    "missing, repeated and overtaken heartbeats are counted exactly, whatever is lost",
    arguments: [0.01, 0.05, 0.2, 0.4])
  func exact(loss: Double) throws {
    let seed = SeededRandom.seed(default: 0x6c6f_7373)
    var random = SeededRandom(seed: seed)
    for every in [second, 100 * millisecond] {
      var network = Network()
      var sender = NamedSender()
      sender.every = every
      var (lost, received, copies, isBad) = (0, 0, 0, false)
      var late: [UInt64] = []
      network.hear(sender, 1, at: every)
      for number in 2...3000 as ClosedRange<UInt64> {
        // Bursts, with the same share in all.
        if random.chance(isBad ? 0.5 : loss / 2) { isBad.toggle() }
        let isLost = random.chance(isBad ? min(1, loss * 2) : loss)
        let time = Int64(number) * every
        if isLost, number < 3000 {
          if random.chance(0.2) { late.append(number) } else { lost += 1 }
          continue
        }
        network.hear(sender, number, at: time)
        received += 1
        if random.chance(0.05) {
          network.hear(sender, number, at: time + 1)
          copies += 1
        }
        for earlier in late.prefix(2) where number - earlier < 64 {
          network.hear(sender, earlier, at: time + 2)
          late.removeFirst()
          received += 1
        }
      }
      let report = try network.report(sender)
      #expect(report.missed == UInt32(lost + late.count), "seed \(seed)")
      #expect(report.duplicates == UInt32(copies) && report.beats == UInt64(1 + received), "seed \(seed)")
      #expect(report.restarts == 0 && !report.isContested, "seed \(seed)")
    }
  }

  @Test("a beat that is lost between its first two is counted")
  func firstLoss() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 300, at: second)
    network.hear(sender, 303, at: 4 * second)
    #expect(try network.report(sender).missed == 2)
  }

  @Test("what is missing while this host could not receive is told apart, and taken back where it comes late")
  func ours() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 1...5, from: second)
    network.peers.noteKernelDrops(3, read: 100, from: 5 * second, to: 8 * second)
    network.hear(sender, 9, at: 9 * second)
    #expect(try network.report(sender).missedHere == 3 && network.report(sender).missed == 0)
    network.hear(sender, 7, at: 9 * second + 1)
    network.hear(sender, 11, at: 11 * second)
    network.hear(sender, 10, at: 11 * second + 1)
    let report = try network.report(sender)
    #expect(report.missedHere == 2 && report.missed == 0 && report.reordered == 2)
  }

  @Test("a later run is a restart, and so is an earlier one that goes on alone")
  func restarts() throws {
    var network = Network()
    var sender = NamedSender()
    network.hear(sender, 1...20, from: second)
    sender.run = 2000
    network.hear(sender, 3...10, from: 23 * second)
    // Two of the new run were sent before.
    #expect(try network.report(sender).restarts == 1 && network.report(sender).missed == 2)
    // Its clock was set back.
    sender.run = 500
    network.hear(sender, 1...20, from: 32 * second)
    let report = try network.report(sender)
    #expect(report.restarts == 2 && report.run == 500 && !report.isContested)
    #expect(network.told == ["discovered"])
  }

  @Test(
    "two senders with one name are heard and told also where they begin in turns",
    arguments: [1000, 2000] as [UInt64])
  func contestedAtOnce(run: UInt64) throws {
    var network = Network()
    let (one, other) = (NamedSender(), NamedSender(run: run, address: .namesake))
    for number in 1...5 as ClosedRange<UInt64> {
      network.hear(one, number, at: Int64(number) * second)
      network.hear(other, number, at: Int64(number) * second + 300 * millisecond)
    }
    #expect(network.told.first == "discovered")
    #expect(network.told.filter { $0.hasPrefix("also") }.count == 1)
  }

  @Test(
    "two senders with one name are told once, and no more when one of them has gone, also where they began together",
    arguments: [1000, 2000] as [UInt64])
  func contested(run: UInt64) throws {
    var network = Network()
    let (one, other) = (NamedSender(), NamedSender(run: run, address: .namesake))
    for number in 1...20 as ClosedRange<UInt64> {
      let time = Int64(number) * second
      network.hear(one, number, at: time)
      if number > 10 { network.hear(other, number, at: time + second / 2) }
    }
    #expect(network.told.filter { $0.hasPrefix("also") }.count == 1)
    #expect(try network.report(one).isContested)
    network.hear(other, 21...40, from: 21 * second)
    #expect(try !network.report(other).isContested && network.report(other).run == run)
    // Whatever the forger counts up to, the true one is heard all the time.
    #expect(!network.told.contains("silent"))
  }

  @Test(
    "a number that cannot follow moves nothing: the true sender is alive, and its loss is not known worse")
  func leap() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 1...20, from: second)
    network.hear(sender, .max, at: 20 * second + 1)
    network.hear(sender, 1_000_000, at: 20 * second + 2)
    network.hear(sender, 21...40, from: 21 * second)
    #expect(try network.report(sender).missed == 0 && network.told == ["discovered"])
  }
}

@Suite("Goodbye")
struct GoodbyeTests {
  @Test("who says goodbye has left at once, and is never silent")
  func left() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 1...20, from: second)
    network.hear(sender, 21, at: 20 * second + 5, isGoodbye: true)
    network.hear(sender, 22, at: 20 * second + 20 * millisecond, isGoodbye: true)
    #expect(network.told == ["discovered", "left"])
    #expect(network.peers.counts == PeerCounts(left: 1))
    network.judge(at: 3600 * second)
    #expect(network.told == ["discovered", "left"])
    network.judge(at: 100_000 * second)
    #expect(network.told == ["discovered", "left", "forgotten"])
  }

  @Test("a restart is one notice, and a longer absence two")
  func restart() throws {
    var network = Network()
    var sender = NamedSender()
    network.hear(sender, 1...20, from: second)
    network.hear(sender, 21, at: 20 * second + 5, isGoodbye: true)
    sender.run = 2000
    network.hear(sender, 1...20, from: 22 * second)
    #expect(network.told == ["discovered", "left", "restarted"])
    network.hear(sender, 21, at: 41 * second + 5, isGoodbye: true)
    sender.run = 3000
    network.hear(sender, 1...5, from: 60 * second)
    #expect(network.told.suffix(2) == ["left", "returned"])
    #expect(try network.report(sender).restarts == 2 && network.report(sender).missed == 0)
  }

  @Test("a forged goodbye delays nothing: the next heartbeat shows that the peer is alive")
  func forged() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 1...20, from: second)
    network.hear(sender, 40, at: 20 * second + 5, isGoodbye: true)
    // Its own number is one that was overtaken, as it seems, until it goes on.
    network.hear(sender, 21...45, from: 21 * second)
    network.judge(at: 45 * second)
    #expect(try network.report(sender).state == .alive)
    network.judge(at: 60 * second)
    #expect(network.told.last == "silent")
  }

  @Test("a heartbeat that its goodbye overtook does not bring it back")
  func overtaken() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 1...19, from: second)
    network.hear(sender, 21, at: 20 * second, isGoodbye: true)
    network.hear(sender, 20, at: 20 * second + 5)
    #expect(network.told == ["discovered", "left"])
    // Nor one without a name.
    let (id, plain) = (PeerID(address: sender.address, interface: 0), SimulatedSender(id: 1))
    for number in 21...30 { network.hear(plain.beat(number), from: id) }
    var bye = Announcement()
    bye.isGoodbye = true
    let last = plain.beat(31)
    network.hear(
      HeartbeatArrival(
        arrival: last.arrival, payload: last.payload, wallClock: last.payload + last.offset, port: last.port,
        said: bye), from: id)
    network.hear(plain.beat(sentAt: 30_900 * millisecond, delay: 200 * millisecond), from: id)
    #expect(network.told == ["discovered", "left", "discovered", "left"])
    network.hear(plain.beat(33), from: id)
    #expect(network.told.last == "restarted")
  }

  @Test("who was never known leaves no trace, and who left is no part of a silent network")
  func others() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 1, at: second, isGoodbye: true)
    network.hear(sender, 2, at: 2 * second, isGoodbye: true)
    #expect(network.told.isEmpty && network.peers.counts.total == 0)
    let names: [HostName] = ["a", "b", "c", "d"]
    let senders = names.map { NamedSender(name: $0) }
    for number in 1...20 as ClosedRange<UInt64> {
      for sender in senders { network.hear(sender, number, at: Int64(number) * second) }
    }
    for sender in senders.prefix(2) { network.hear(sender, 21, at: 21 * second, isGoodbye: true) }
    network.judge(at: 40 * second)
    // Two stopped together: the network, and those that left stay so.
    #expect(network.told.contains("network silent") && !network.told.contains("silent"))
    #expect(network.peers.counts == PeerCounts(left: 2, unknown: 2))
  }

  @Test("what has left is still so after a restart of this daemon")
  func kept() throws {
    var network = Network()
    let sender = NamedSender()
    network.hear(sender, 1...20, from: second)
    network.hear(sender, 21, at: 21 * second, isGoodbye: true)
    var bytes: [UInt8] = []
    let snapshot = try #require(network.peers.snapshots(at: 21 * second)[0])
    for entry in snapshot.entries { PeerLine.append(entry, to: &bytes) }
    var stored = snapshot
    stored.entries = [try #require(bytes.dropLast().withUnsafeBytes { PeerLine.read($0) })]
    var next = PeerTable<PeerID>(
      restoring: stored, capacity: 10, at: 22 * second, isGapless: true, hash: PeerID.seededHash)
    #expect(next.counts == PeerCounts(left: 1))
    next.heard(sender.beat(22, at: 23 * second), from: sender.id())
    let events = next.takeEvents(limit: 10)
    guard case .returned(let peer)? = events.first, events.count == 1 else {
      Issue.record("\(events)")
      return
    }
    #expect(peer.missed == 0 && peer.address == sender.address)
  }

  @Test("a peer is expected by its name, or by the address that it has")
  func expected() throws {
    let sender = NamedSender()
    for subject in [PeerSubject.name("ups1"), .address(sender.address)] {
      var network = Network(expected: [subject])
      network.hear(sender, 1...3, from: second)
      #expect(network.peers.known(of: [subject, .name("ups9")]) == [subject])
      network.judge(at: 100_000 * second)
      // Never forgotten.
      #expect(network.told == ["discovered", "silent"])
    }
  }
}
