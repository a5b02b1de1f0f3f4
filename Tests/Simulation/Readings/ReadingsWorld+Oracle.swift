// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Monitor
import Platform

// Holds what processes know against what was really sent and read.
extension ReadingsWorld {
  /// What clocks, timers and roundings may differ by, in nanoseconds.
  private static let slack: Int64 = 2_000_000
  /// As `SaidOrder`: how long heartbeats of the run before are believed to have been on their way.
  private static let overlap: Int64 = 1_000_000_000

  /// A process read a datagram.
  ///
  /// - Returns: The host of which something new is to be known.
  func noteRead(
    _ datagram: Sent, _ proof: Proof?, _ process: ReadingsProcess, of host: ReadingsHost, at arrival: Int64
  ) -> Int? {
    let sender = datagram.sender
    if scenario.fleet != nil {
      noteFleet(datagram, process, of: host, at: arrival)
      guard senders[hosts[max(0, sender)].plan.name]?.count != 1 else { return nil }
    }
    guard datagram.kind != .forged, sender != host.number, !process.ignoresWaiting else { return nil }
    guard scenario.mode == .off ? datagram.kind == .genuine : proof?.isAuthentic == true else { return nil }
    // Of who was heard only once nothing is taken note of.
    guard process.monitor.facts.isKnown(hosts[sender].plan.name) else { return nil }
    let before = process.heard[sender].newest
    let versions = books[sender].versions
    if before >= 0, versions[datagram.version].run != versions[before].run, datagram.version > before {
      process.heard[sender].begin(
        at: arrival, isInThePast: versions[datagram.version].run < versions[before].run)
    }
    process.heard[sender].note(
      datagram.version, order: datagram.order, arrival: arrival, interval: datagram.interval)
    noteNamesake(of: sender, datagram, process, at: arrival)
    return process.heard[sender].newest == before ? nil : sender
  }

  /// Of two with one name the one whose run began later is believed, and the other one is noticed.
  private func noteNamesake(
    of sender: Int, _ datagram: Sent, _ process: ReadingsProcess, at arrival: Int64
  ) {
    guard let shared = senders[hosts[sender].plan.name], shared.count > 1,
      let other = shared.first(where: { $0 != sender }), process.heard[other].newest >= 0
    else { return }
    let (run, otherRun) = (
      books[sender].versions[datagram.version].run,
      books[other].versions[process.heard[other].newest].run
    )
    let heard = process.heard[other]
    guard run < otherRun, arrival < heard.freshUntil, heard.since + Self.overlap + Self.slack < arrival else {
      if run > otherRun, process.heard[sender].since == arrival {
        process.contestedUntil[shared[0]] = .min
        if let member = member(shared[0]) { process.book?.setContested(member, until: FleetBook.never) }
      }
      return
    }
    let span = min(5 * datagram.interval, .seconds(60)) - Self.slack
    process.contestedUntil[shared[0]] = min(arrival + span, heard.freshUntil - Self.slack)
    if let member = member(shared[0]) {
      process.book?.setContested(member, until: process.contestedUntil[shared[0]])
    }
  }

  // MARK: What is known of another host

  func check(_ sender: Int, as process: ReadingsProcess, of host: ReadingsHost) {
    let name = hosts[sender].plan.name
    guard let shared = senders[name], !tainted.contains(name), !shared.contains(host.number) else { return }
    let time = host.clock.monotonic(now)
    let reports = process.monitor.facts.reports(of: name, at: time)
    if shared.count > 1 { return checkShared(reports, shared, process, of: host, at: time) }
    let heard = process.heard[sender]
    guard heard.newest >= 0 else {
      if reports.contains(where: { $0.quality == .good }) { fail(.ghost, host.number, "never read \(name)") }
      return
    }
    let isSurelyFresh = time <= heard.freshUntil - Self.slack
    let isSurelyStale = time > heard.staleAfter + Self.slack
    let isKnown = reports.contains { $0.quality.isKnown }
    // Who is not heard can be forged, and is marked so.
    if scenario.mode == .sign, !isSurelyFresh {
      if isSurelyStale,
        reports.contains(where: {
          $0.quality == .good || $0.proof?.isAuthentic == true && $0.quality == .drill
        })
      {
        fail(.stale, host.number, "\(name) is not heard")
      }
      return
    }
    let version = books[sender].versions[heard.newest]
    let isFresh = isSurelyFresh || !isSurelyStale && isKnown
    guard let difference = Self.difference(reports, version.words, isFresh: isFresh) else {
      if isFresh { process.heard[sender].noteKnown(at: time - Self.slack) }
      let latest = now - 5 * hosts[sender].longestInterval - longestWay - Self.slack
      if isKnown, version.last < latest { fail(.ghost, host.number, "\(name) says so no more") }
      return
    }
    let text = "of \(name) \(difference), state \(heard.newest) of \(books[sender].versions.count)"
    if heard.doubtedUntil != nil { return checkSaid(reports, by: [sender], host) }
    fail(isSurelyStale && isKnown ? .stale : isSurelyFresh && !isKnown ? .fresh : .order, host.number, text)
  }

  /// How long a datagram may be on its way; what somebody recorded and repeats is accepted as long as its
  /// time is of now, where nothing was accepted before it.
  private var longestWay: Int64 {
    let isRepeated = scenario.mode != .off && scenario.faults.contains(.replayer)
    return scenario.longestDelay + (isRepeated ? .seconds(15) : 0)
  }

  /// Two senders use the name.
  private func checkShared(
    _ reports: [ReadingReport], _ shared: [Int], _ process: ReadingsProcess, of host: ReadingsHost,
    at time: Int64
  ) {
    if time <= process.contestedUntil[shared[0]], let known = reports.first(where: { $0.quality == .good }) {
      fail(.contested, host.number, "\(known.host) \(known.id.word) is \(known.value)")
    }
    checkSaid(reports, by: shared, host)
  }

  /// What is known was said by one of these.
  private func checkSaid(_ reports: [ReadingReport], by senders: [Int], _ host: ReadingsHost) {
    let longest = senders.map { hosts[$0].longestInterval }.max() ?? 0
    let since = now - 5 * longest - longestWay - Self.slack
    for report in reports where report.quality.isKnown {
      let wasSaid = senders.contains {
        books[$0].hasSaid(report.id.word, report.value.text, since: since)
      }
      if !wasSaid { fail(.ghost, host.number, "\(report.host) \(report.id.word) is \(report.value)") }
    }
  }

  /// How reports differ from what was said; nil where they do not.
  private static func difference(
    _ reports: [ReadingReport], _ words: [WireWords.Word], isFresh: Bool
  ) -> String? {
    var rest = reports[...]
    for word in words where isFresh || !word.isDrill {
      guard let report = rest.popFirst(), report.id.word == word.key else {
        return "\(word.key) is not known"
      }
      let quality: ReadingQuality =
        word.isDrill ? .drill : word.isUnknown ? .unknown : isFresh ? .good : .stale
      if report.value.text != word.value || report.quality != quality {
        return "\(word.key) is \(report.value) \(report.quality) and not \(word.value) \(quality)"
      }
    }
    return rest.first.map { "\($0.id.word) is known" }
  }

  // MARK: Oneself, events, bounds

  func checkOwn(_ process: ReadingsProcess, of host: ReadingsHost) {
    let name = host.plan.name
    guard senders[name]?.count == 1, !tainted.contains(name) else { return }
    if process.said.own.readings != process.said.readings {
      fail(.own, host.number, "what is set was not followed")
    }
    // Files may have more than may be said.
    let words = process.said.readings.prefix(ReadingWords.most).map {
      WireWords.Word(key: $0.id.word, value: $0.value.text)
    }
    let reports = process.monitor.facts.reports(of: name, at: host.clock.monotonic(now))
    if let difference = Self.difference(reports, words, isFresh: true) { fail(.own, host.number, difference) }
  }

  /// What is told from the beginning is what is reported, once there is nothing left to tell.
  func checkEvents(of name: HostName, as process: ReadingsProcess, of host: ReadingsHost) {
    guard !process.monitor.hasNews() else { return }
    let reports = process.monitor.facts.reports(of: name, at: host.clock.monotonic(now))
    if let difference = process.told.difference(reports, of: name) { fail(.events, host.number, difference) }
  }

  func checkBounds(_ process: ReadingsProcess, of host: ReadingsHost) {
    let facts = process.monitor.facts
    if facts.hostCount > scenario.capacity { fail(.bounded, host.number, "\(facts.hostCount) hosts") }
    for name in facts.names {
      let count = facts.reports(of: name, at: host.clock.monotonic(now)).count
      if count > ReadingWords.most { fail(.bounded, host.number, "\(count) readings of \(name)") }
    }
  }

  /// A new state of a process is on the wire.
  func checkWire(_ process: ReadingsProcess, of host: ReadingsHost, _ version: Int) {
    let words = books[host.number].versions[version].words
    let composed = process.composed.map { WireWords.Word(key: $0.id.word, value: $0.value.text) }
      .sorted { $0.key < $1.key }
    if words != composed { fail(.wire, host.number, "\(words) and not \(composed)") }
  }

  // MARK: The end

  /// Faults are long over: every host that hears another one knows just what that says.
  func checkAtTheEnd() {
    guard scenario.fleet == nil else { return checkFleetAtTheEnd() }
    for host in hosts {
      guard let process = host.process, host.plan.listens else { continue }
      for other in hosts where other.number != host.number && other.plan.name != host.plan.name {
        guard other.process != nil, hears(host, other) else { continue }
        let sharing = (senders[other.plan.name] ?? []).filter {
          hosts[$0].process != nil && hears(host, hosts[$0])
        }
        checkAtTheEnd(other, isShared: sharing.count > 1, process, of: host)
      }
    }
  }

  private func hears(_ host: ReadingsHost, _ other: ReadingsHost) -> Bool {
    !Set(host.plan.networks).isDisjoint(with: other.plan.networks)
  }

  private func checkAtTheEnd(
    _ other: ReadingsHost, isShared: Bool, _ process: ReadingsProcess, of host: ReadingsHost
  ) {
    let reports = process.monitor.facts.reports(of: other.plan.name, at: host.clock.monotonic(now))
    if isShared {
      if let known = reports.first(where: { $0.quality == .good }) {
        fail(.contested, host.number, "\(known.host) \(known.id.word) is \(known.value)")
      }
    } else if let version = books[other.number].versions.last,
      let difference = Self.difference(reports, version.words, isFresh: true)
    {
      fail(.converged, host.number, "of \(other.plan.name) \(difference)")
    }
  }
}
