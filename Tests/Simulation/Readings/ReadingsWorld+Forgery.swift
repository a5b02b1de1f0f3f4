// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What a forger says in the name of a host.
enum ForgedReadings {
  enum Manner: CaseIterable {
    /// The next state of the present run, one far ahead, a run far ahead or before, numbers far ahead, no
    /// numbers at all, and words that are none.
    case plausible, laterState, laterRun, earlierRun, laterNumber, unnumbered, junk
  }

  static let intervals: [Int64] = [0, 10_000_000, 1_000_000_000, 3_600_000_000_000]

  private static let pieces = [
    "run=ffffffffffffffff", "run=0", "seq=18446744073709551615", "state=18446744073709551615", "state=-1",
    "every=0s", "every=99999999999999h", "via=64", "via=65", "a.n=\"", "a.n=1 a.n=2", "test.test.a=1",
    "z.z=\"\"",
    "z.z=\"a \\\" b\"", "x.y=?", "bye=stop", "z=+2500", "mac=k:AAAA", "sig=k:", "é=1", ".=1", "a.=",
  ]

  /// Words of a heartbeat that nobody's code writes.
  static func junk(_ random: inout Random) -> String {
    (0..<random.below(12)).map { _ in random.pick(pieces) }.joined(separator: " ")
  }
}

// Others who send to the group: one who forges readings, one who repeats what it recorded, and one with many
// names.
extension ReadingsWorld {
  func beginForgery(_ fault: inout ReadingsFault) -> Bool {
    fault.gap = .milliseconds(chance.pick(fault.kind == .flood ? [1, 5] : [5, 100, 700]))
    fault.manner = chance.pick(ForgedReadings.Manner.allCases)
    guard scenario.mode == .off else { return true }
    if fault.kind == .flood {
      tainted.formUnion(senders.keys)
    } else {
      tainted.insert(hosts[fault.host].plan.name)
    }
    return true
  }

  func forge(_ number: Int) {
    let fault = faults[number]
    guard !fault.isOver else { return }
    agenda.add(.forgery, at: now + chance.between(fault.gap / 2, fault.gap * 3 / 2), host: -1, a: number)
    switch fault.kind {
    case .replayer: replay(fault)
    case .flood: flood(fault)
    default: forge(fault)
    }
    mix(UInt64(sent.count))
  }

  private func replay(_ fault: ReadingsFault) {
    let recorded = sent.indices.filter { sent[$0].sender == fault.host && sent[$0].kind == .genuine }
    guard !recorded.isEmpty else { return }
    // The last one, or any.
    let place = chance.chance(0.3) ? recorded[recorded.count - 1] : chance.pick(recorded)
    var again = sent[place]
    (again.kind, again.recorded, again.time) = (.replayed, again.recorded ?? again.time, now)
    sent.append(again)
    trace(-1, "replays heartbeat \(again.order) of host \(fault.host)")
    spread(sent.count - 1, over: ports[fault.port].network)
  }

  private func forge(_ fault: ReadingsFault) {
    let host = hosts[fault.host]
    var said = Announcement()
    said.host = host.plan.name
    said.run = host.storedRuns.first ?? 0
    said.sequence = UInt64(host.sent + chance.below(10))
    said.every = chance.pick(ForgedReadings.intervals)
    said.state = UInt64(books[host.number].versions.count + chance.below(10))
    switch fault.manner {
    case .laterState: said.state = chance.pick([1 << 40, .max])
    case .laterRun: said.run = chance.pick([said.run + 1, said.run + 1 << 40, .max])
    case .earlierRun: said.run = chance.pick([1, max(1, said.run) - 1])
    case .laterNumber: said.sequence = chance.pick([1 << 40, .max])
    case .unnumbered: (said.run, said.sequence, said.state) = (0, 0, 0)
    case .plausible, .junk: break
    }
    let words = scenario.fleet == nil ? ["forged0", "forged1", "forged2"] : ["OB", "OL", "20C", "35C"]
    let value = ReadingValue(chance.pick(words)) ?? .unknown
    let keys = host.keys.filter { _ in chance.chance(0.7) }
    send(
      said, keys.map { Reading(Reading.ID($0), value) }, fault,
      junk: fault.manner == .junk ? ForgedReadings.junk(&chance) : "")
  }

  private func flood(_ fault: ReadingsFault) {
    var said = Announcement()
    said.host = HostName("flood\(chance.below(200))")
    (said.run, said.sequence, said.state) = (1, UInt64(sent.count), UInt64(chance.below(3)))
    said.every = chance.pick(ForgedReadings.intervals)
    guard let key = ReadingKey("x.y"), let value = ReadingValue("\(chance.below(5))") else { return }
    send(said, [Reading(Reading.ID(key), value)], fault, junk: "")
  }

  private func send(_ said: Announcement, _ readings: [Reading], _ fault: ReadingsFault, junk: String) {
    var composer = HeartbeatComposer()
    let seal =
      scenario.mode != .off && chance.chance(0.5)
      ? said.host.flatMap {
        ReadingsKeys.seal(of: $0, isForged: true)
      } : nil
    let time = CivilTime(realtime: HostClock.epoch + now, zone: .utc)
    let words = ReadingWords.composed(readings, room: HeartbeatComposer.room(beside: said, seal: seal)).words
    composer.compose(time, said, utcOffset: 0, readings: words, leaving: seal?.size ?? 0)
    if let seal { composer.seal(with: seal) }
    let payload = composer.bytes + (junk.isEmpty ? [] : Array(" \(junk)".utf8))
    sent.append(
      Sent(
        kind: .forged, payload: payload, source: ports[fault.port].source, sender: fault.host,
        interval: said.every, time: now))
    trace(-1, "forges \(String(decoding: payload.dropFirst(30), as: UTF8.self))")
    spread(sent.count - 1, over: ports[fault.port].network)
  }
}
