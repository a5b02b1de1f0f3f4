// SPDX-License-Identifier: Apache-2.0

import Liveness
import Monitor

// What a daemon tells, held against what really happened.
extension Oracle {
  func told(_ event: Event, by host: Host) {
    switch event {
    case .peer(let change, _): told(change, by: host)
    case .receiving(.ownBeats(let change, let name), _): toldOwn(change, by: host, on: name)
    case .receiving(.verdicts(let change), _):
      world.trace.add(.told, at: world.now, host: host.number, 0, 0, "verdicts \(change)")
      let isSuspended = if case .suspended = change { true } else { false }
      for port in host.ports {
        listening[port].isSuspended = isSuspended
        if isSuspended { noteImpediment(port) }
      }
      impeded(host)
    case .interface(let event, _):
      world.trace.add(.told, at: world.now, host: host.number, 0, 0, "\(event)")
    case .receiving, .service, .sending, .ownReadings, .readings, .rule, .states, .journal, .files: break
    }
  }

  private func told(_ change: PeerChange, by host: Host) {
    switch change {
    case .one(let event, _, let name): told(event, by: host, on: name)
    case .neverHeard(let subjects, _):
      toldNeverHeard(subjects.compactMap(\.address).compactMap { port(of: $0) }, by: host)
    case .removed(let peers):
      for (id, name) in peers {
        guard let port = place(of: name, host), let other = self.port(of: id.address) else { continue }
        sightings[place(port, other)].tell(.nothing)
      }
    case .expected, .several, .suppressed: break
    }
  }

  private func place(of name: String, _ host: Host) -> Int? {
    host.ports.first { world.ports[$0].name == name }
  }

  private func told(_ event: PeerEvent<PeerID>, by host: Host, on name: String) {
    toldSince[host.number].append(event.id)
    guard let port = place(of: name, host) else {
      return world.fail(.order, host: host.number, "an event on \(name), where there is no interface")
    }
    world.trace.add(
      .told, at: world.now, host: host.number, Int64(port), 0,
      "\(words(event, host)) \(event.id.address) on \(name)")
    if case .networkSilent = event { return toldNetworkSilent(port) }
    if case .networkHeard = event { return toldNetworkHeard(port) }
    guard let other = self.port(of: event.id.address) else { return }
    switch event {
    case .discovered: toldDiscovered(port, other)
    case .silent(let report): toldSilent(port, other, afterBeats: report.silentAfterBeats)
    case .back: toldBack(port, other)
    case .unknown: toldUnknown(port, other)
    case .known: toldKnown(port, other)
    case .forgotten: sightings[place(port, other)].tell(.nothing)
    case .evicted:
      // It left the table before, and was perhaps heard since.
      let beats = sightings[place(port, other)].beats
      sightings[place(port, other)].tell(.nothing)
      sightings[place(port, other)].beats = beats
    case .left, .returned, .contested:
      world.fail(
        .cause, host: host.number, "\(self.name(other)): \(event), and nobody says goodbye or has a name")
    case .networkSilent, .networkHeard: break
    }
  }

  private func words(_ event: PeerEvent<PeerID>, _ host: Host) -> String {
    func text(_ word: String, _ report: PeerReport<PeerID>) -> String {
      let heard = host.clock.monotonic(world.now) - report.lastHeard
      return "\(word) (heard \(self.text(heard)) ago, every \(self.text(report.interval)))"
    }
    return switch event {
    case .discovered(let report): text("discovered", report)
    case .silent(let report): text("silent", report)
    case .back(let report): text("back", report)
    case .left(let report): text("left", report)
    case .returned(let report): text("returned", report)
    case .contested(let report, _): text("contested", report)
    case .unknown(let report): text("unknown", report)
    case .known(let report): text("known", report)
    case .forgotten(let report): text("forgotten", report)
    case .evicted(let report): text("evicted", report)
    case .networkSilent(let peers, _, _): "network silent with \(peers) peers, the last"
    case .networkHeard(_, _, let span): "network heard after \(self.text(span)), the first"
    }
  }

  // MARK: One peer

  private func toldDiscovered(_ port: Int, _ other: Int) {
    let sighting = sightings[place(port, other)]
    // That it was evicted may be left untold at the end of a process.
    if sighting.told != .nothing, !isFlooded(port) {
      fail(.order, port, "\(name(other)) is discovered, and was told \(sighting.told)")
    }
    if sighting.beats < 2 { fail(.cause, port, "\(name(other)) is discovered after \(sighting.beats) beats") }
    if world.ports[other].host == world.ports[port].host, !isOwnDoubtful(port) {
      fail(.own, port, "\(name(other)) is discovered, which is the host itself")
    }
    sightings[place(port, other)].tell(.alive)
  }

  // The hosts of this world say no goodbye: one would be noted in `Oracle.read`, and a silence after it be a
  // failure here. After how many missed beats is asked of the daemon, and held against what can be right.
  private func toldSilent(_ port: Int, _ other: Int, afterBeats beats: Int) {
    let sighting = sightings[place(port, other)]
    checkBeats(port, other, beats)
    if sighting.told != .alive, sighting.told != .unknown {
      fail(.order, port, "\(name(other)) is silent, and was told \(sighting.told)")
    }
    if listening[port].isNetworkSilent, !isBeforeOthers(port, other, by: expected(port, other)) {
      fail(.network, port, "\(name(other)) is silent while the network is")
    }
    let silence =
      listening[port].dropped >= sighting.lastRead
      ? world.now - sighting.lastRead : firstUnread(port, other) - sighting.lastAudible
    // With its margin of 50 ms or more. A clock may be slow; of a lost interface the daemon hears 50 ms late.
    let least = Int64(beats) * expected(port, other) / 1000 * 995 - .milliseconds(10)
    // In a flood it may be told late, when another beat was read.
    let decided = isFlooded(port) ? min(sighting.lastRead, world.now - .seconds(60)) : sighting.lastRead
    if silence < least, !isForged(port, other), !isHidden(port, since: decided) {
      fail(
        .cause, port,
        "\(name(other)) is silent after \(text(silence)) in which it could be heard, at an interval of "
          + text(intervals[other]))
    }
    checkCorroboration(port, other)
    sightings[place(port, other)].tell(.silent)
  }

  /// The audible time at which the first heartbeat arrived that waits unread, or the present.
  private func firstUnread(_ port: Int, _ other: Int) -> Int64 {
    guard sightings[place(port, other)].unread > 0, let socket = world.hosts[world.ports[port].host].socket
    else { return audible(port) }
    for number in 0..<socket.count {
      let entry = socket.entry(number)
      if Int(entry.port) == port, Int(world.pool.entries[Int(entry.datagram)].sender) == other {
        return entry.audible
      }
    }
    return audible(port)
  }

  /// The interval at which it sends; while few beats are known, no more than the shortest from one to the
  /// next: a sender that was stopped is late once, and early with the beat after that.
  private func expected(_ port: Int, _ other: Int) -> Int64 {
    let sighting = sightings[place(port, other)]
    // Late datagrams make some of its intervals shorter.
    let isDisturbed =
      world.ports[port].link.jitter > 0 || world.now - listening[port].impeded < 20 * intervals[other]
    let isLearned = sighting.isLearned(intervals[other], at: world.now) && !isDisturbed
    guard !isLearned else { return intervals[other] }
    return min(
      intervals[other], sighting.beats < 8 ? max(sighting.shortestGap, .seconds(1)) : sighting.shortestGap)
  }

  /// Whether another was heard after it, for as long as two of its beats take.
  private func isBeforeOthers(_ port: Int, _ other: Int, by interval: Int64) -> Bool {
    let last = sightings[place(port, other)].lastAudible
    if listening[port].impeded == world.now, isFlooded(port) { return true }
    let latest = last + 2 * interval
    return peers[port].contains { sightings[place(port, $0)].lastAudible > latest }
  }

  /// Where nobody at all was heard for as long, and others stopped with it, it is the network.
  private func checkCorroboration(_ port: Int, _ other: Int) {
    let accused = sightings[place(port, other)]
    if isBeforeOthers(port, other, by: intervals[other]) || isForged(port, other) { return }
    var stoppedTogether = 0
    for peer in 0..<count where peer != other && world.ports[peer].host != world.ports[port].host {
      let sighting = sightings[place(port, peer)]
      guard sighting.told != .nothing, sighting.told != .silent else { continue }
      // One that was heard, and one that need not have been heard yet.
      guard sighting.lastAudible < accused.lastAudible + intervals[other],
        min(audible(port) - sighting.lastAudible, world.now - listening[port].impeded)
          > 3 * max(intervals[peer], sighting.longestGap, sighting.recentGap, assumed(sighting, peer))
      else { return }
      if abs(sighting.lastAudible - accused.lastAudible) < intervals[other] { stoppedTogether += 1 }
    }
    // A stranger that was heard twice in a flood is expected as long after it as the two were apart: until
    // then it may yet be heard, and the network with it. A verdict may be fifteen intervals late.
    if stoppedTogether > 0, !isStrange(port, for: .seconds(900)) {
      fail(.network, port, "\(name(other)) is silent, and \(stoppedTogether) others stopped with it")
    }
  }

  /// What is assumed of a peer that was not heard for three quarters of a second yet: it may send bursts.
  private func assumed(_ sighting: Sighting, _ other: Int) -> Int64 {
    Int64(sighting.beats - 1) * intervals[other] < .milliseconds(750) ? .seconds(10) : 0
  }

  private func toldBack(_ port: Int, _ other: Int) {
    let sighting = sightings[place(port, other)]
    if sighting.told != .silent { fail(.order, port, "\(name(other)) is back, and was \(sighting.told)") }
    // Of more than a hundred that change at once, some are told silent when they were heard again once.
    if sighting.since < (isFlooded(port) ? 1 : 2) {
      fail(.cause, port, "\(name(other)) is back after \(sighting.since) beats")
    }
    sightings[place(port, other)].tell(.alive)
    sightings[place(port, other)].longestGap = sighting.lastGap
    sightings[place(port, other)].shortestGap = sighting.lastGap
    sightings[place(port, other)].beats = 2
  }

  private func toldUnknown(_ port: Int, _ other: Int) {
    let sighting = sightings[place(port, other)]
    if sighting.told != .alive { fail(.order, port, "\(name(other)) is unknown, and was \(sighting.told)") }
    if !listening[port].isNetworkSilent, !isImpeded(port) {
      fail(.cause, port, "\(name(other)) is unknown, and nothing keeps it from being judged")
    }
    sightings[place(port, other)].tell(.unknown)
  }

  private func toldKnown(_ port: Int, _ other: Int) {
    let sighting = sightings[place(port, other)]
    if sighting.told != .unknown { fail(.order, port, "\(name(other)) is known, and was \(sighting.told)") }
    if sighting.since < 1 { fail(.cause, port, "\(name(other)) is known without a beat") }
    sightings[place(port, other)].tell(.alive)
  }

  private func toldNeverHeard(_ others: [Int], by host: Host) {
    for port in host.ports {
      for other in others where sightings[place(port, other)].freshSince >= 2 {
        guard sightings[place(port, other)].told != .nothing else { continue }
        fail(.cause, port, "\(name(other)) was never heard, and is known")
      }
    }
  }

  // MARK: All peers

  private func toldNetworkSilent(_ port: Int) {
    if listening[port].isNetworkSilent { fail(.order, port, "the network is silent twice") }
    // The quickest peer was to be heard: as often as makes one silent, but for two intervals.
    var (fewest, quickest) = (Int64.max, Int64.max)
    var latest = Int64.min
    var lastRead = Int64.min
    for peer in 0..<count where world.ports[peer].host != world.ports[port].host {
      let sighting = sightings[place(port, peer)]
      guard sighting.told == .alive || sighting.told == .unknown else { continue }
      if isForged(port, peer) { return noteNetworkSilent(port) }
      latest = max(latest, sighting.lastAudible)
      quickest = min(quickest, expected(port, peer))
      fewest = min(fewest, Self.leastBeats(sighting) - 2)
      lastRead = max(lastRead, sighting.lastRead)
    }
    if latest != .min, !isFlooded(port), audible(port) - latest < fewest * quickest / 1000 * 995,
      !isHidden(port, since: lastRead), listening[port].dropped < lastRead
    {
      fail(.cause, port, "the network is silent, and a peer was heard \(text(audible(port) - latest)) ago")
    }
    noteNetworkSilent(port)
  }

  private func noteNetworkSilent(_ port: Int) {
    listening[port].isNetworkSilent = true
    listening[port].heardSinceSilent = 0
    listening[port].impeded = world.now
    noteImpediment(port)
  }

  /// Nobody can be judged from now on. Who was heard in a stall, and not since it began, goes from unknown to
  /// unknown, without a word.
  private func noteImpediment(_ port: Int) {
    for other in peers[port] where sightings[place(port, other)].told == .unknown {
      sightings[place(port, other)].freshSince = 0
    }
  }

  private func toldNetworkHeard(_ port: Int) {
    if !listening[port].isNetworkSilent { fail(.order, port, "the network is heard, and was not silent") }
    listening[port].isNetworkSilent = false
    listening[port].impeded = world.now
  }

  private func toldOwn(_ change: SelfTest.Event.Change, by host: Host, on name: String) {
    world.trace.add(.told, at: world.now, host: host.number, 0, 0, "own beats \(change) on \(name)")
    guard let port = place(of: name, host) else { return }
    listening[port].impeded = world.now
    switch change {
    case .notHeard:
      if listening[port].isOwnMissing { fail(.order, port, "our own beats are missing twice") }
      if listening[port].sentUnheard < 5 {
        fail(.cause, port, "our own beats are missing after \(listening[port].sentUnheard)")
      }
      listening[port].isOwnMissing = true
      listening[port].ownSince = 0
      noteImpediment(port)
    case .heardAgain:
      if !listening[port].isOwnMissing { fail(.order, port, "our own beats are back, and were not missing") }
      if listening[port].ownSince < 1 { fail(.cause, port, "our own beats are back, and were not heard") }
      listening[port].isOwnMissing = false
    }
  }

  /// Whether a socket may hold our own beats of a process of which nothing is known.
  private func isOwnDoubtful(_ port: Int) -> Bool { isForged(port, port) }

  /// Whether others sent in its name, so that the daemon may expect it more often than it sends: until eight
  /// turns are known without them, of a time in which something could be learned.
  func isForged(_ port: Int, _ other: Int) -> Bool {
    let forged = sightings[place(port, other)].forged
    return forged > .min
      && world.now - max(forged, listening[port].impeded) < max(.seconds(60), 20 * intervals[other])
  }

  /// Whether strangers may be in the table that are not silent for good: they are peers, and change by
  /// hundreds at once, also when an impediment of theirs ends.
  func isFlooded(_ port: Int) -> Bool { isStrange(port, for: .seconds(120)) }

  /// Whether a stranger was read within that time.
  private func isStrange(_ port: Int, for time: Int64) -> Bool {
    let strangers = listening[port].strangers
    return strangers > .min && world.now - max(strangers, listening[port].impeded) < time
  }

  /// Whether something kept the daemon from judging lately.
  func isImpeded(_ port: Int) -> Bool {
    let state = world.ports[port]
    return !listening[port].audibility.isAudible || state.isLoopCut || state.isUnnoticed
      || listening[port].isOwnMissing
      || listening[port].isSuspended || world.now - listening[port].impeded < .seconds(5)
  }
}
