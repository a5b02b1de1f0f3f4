// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform
import Rules

/// Rules in force at a host, and what it hears: datagrams go in as the daemon's do, and states come out.
///
/// Times are in nanoseconds.
struct HeardRules {
  /// What the host knows.
  struct Evidence: RuleEvidence {
    var facts: Facts
    /// Whether hosts are there.
    var peers: [HostName: PeerFinding] = [:]

    func facts(of host: HostName) -> HostFacts? { facts.facts(of: host) }
    var ownName: HostName? { facts.ownName }
    var names: [HostName] { facts.knownNames }
    func peer(_ subject: PeerSubject) -> PeerFinding? { subject.name.flatMap { peers[$0] } }
    var peerNames: [HostName] { Array(peers.keys) }
  }

  var evidence: Evidence
  var book: Rulebook
  private static let address = IPAddress(family: .ipv4, high: 0, low: 7)

  /// - Parameters:
  ///   - own: The name of the host.
  ///   - capacity: Of how many others it knows.
  init(_ rules: [Rule], own: HostName, capacity: Int = 64, at now: Int64) {
    evidence = Evidence(facts: Facts(capacity: capacity, at: now))
    evidence.facts.say([], as: own, at: now)
    book = Rulebook(at: now)
    book.replace(by: rules, evidence, at: now)
  }

  /// A heartbeat arrives.
  mutating func hear(_ payload: [UInt8], proof: Proof? = nil, at arrival: Int64) {
    payload.withUnsafeBytes { payload in
      guard let outline = Heartbeat.read(payload), let host = outline.said?.host else { return }
      // By what was known until then.
      book.advance(to: arrival, evidence)
      let isNews = evidence.facts.hear(
        payload, outline, from: Self.address, proof: proof, .current, arrival: arrival,
        interval: outline.said?.every)
      if isNews || book.awaits(host) { book.note([host], evidence, at: arrival) }
    }
  }

  /// What the host itself says from now on.
  mutating func say(_ readings: [Reading], at now: Int64) {
    guard let own = evidence.ownName else { return }
    book.advance(to: now, evidence)
    evidence.facts.say(readings, as: own, at: now)
    book.note([own], evidence, at: now)
  }

  /// Whether another host is there, from now on.
  mutating func notePeer(_ host: HostName, _ finding: PeerFinding?, at now: Int64) {
    book.advance(to: now, evidence)
    evidence.peers[host] = finding
    book.notePeers(evidence, at: now)
  }

  /// Has everything happen until then.
  mutating func advance(through time: Int64) { book.advance(through: time, evidence) }

  /// Tells what changed of readings, as the daemon does about once a second.
  mutating func tellReadings(at now: Int64) {
    book.advance(to: now, evidence)
    _ = evidence.facts.takeChanges(at: now, limit: .max)
  }
}
