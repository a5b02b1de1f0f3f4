// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// What a host says of a reading, looked up once for all tests of it.
struct SaidReading {
  /// Nil where it says nothing of it.
  private(set) var value: ReadingValue?
  private var number: ReadNumber?
  /// Why nothing can be said of it; nil where the value counts.
  private(set) var unknown: HostFinding.Unknown?
  private(set) var isDrill = false
  /// The last moment at which it is so without anything new.
  private(set) var until = Int64.max

  /// - Parameters:
  ///   - facts: Nil for a host that says nothing.
  ///   - drills: Whether a value for practice stands in the place of the true one.
  init(_ key: ReadingKey, in facts: HostFacts?, _ terms: Rule.Terms, drills: Bool, at now: Int64) {
    guard let facts else {
      unknown = .neverHeard
      return
    }
    let fresh = terms.fresh.map { facts.freshUntil(within: $0) } ?? facts.freshUntil
    let drill = drills && now <= fresh ? facts.said(Reading.ID(key, isDrill: true)) : nil
    value = drill ?? facts.said(Reading.ID(key))
    isDrill = drill != nil
    guard now <= fresh else {
      unknown = .stale
      return
    }
    until = fresh
    guard now > facts.contestedUntil else {
      unknown = .contested
      until = min(fresh, facts.contestedUntil)
      return
    }
    if value == nil {
      unknown = .notSaid
    } else if value == .unknown {
      unknown = .saidUnknown
    } else if !facts.isOwn, !terms.authenticated.trusts(facts.proof) {
      unknown = .notAuthentic
    } else {
      number = value.flatMap { ReadNumber($0) }
    }
  }

  /// Words that count, at any time.
  fileprivate init(_ value: ReadingValue) { self.value = value }

  /// What a test finds.
  func found(by test: ReadingTest) -> HostFinding {
    var finding: HostFinding
    switch (value, unknown) {
    case (let value?, nil):
      switch test.holds(for: value, number) {
      case .success(let isSo): finding = HostFinding(isSo, value)
      case .failure(let mismatch): finding = HostFinding(unknown: .mismatch(mismatch), value)
      }
    case (let value, let unknown): finding = HostFinding(unknown: unknown ?? .notSaid, value)
    }
    finding.isDrill = isDrill
    finding.until = until
    return finding
  }

  /// The same without the reasons, for which there is no time where a thousand rules ask.
  func result(of test: ReadingTest) -> Ternary {
    guard unknown == nil, let value, case .success(let isSo) = test.holds(for: value, number) else {
      return .perhaps
    }
    return Ternary(isSo)
  }
}

extension ReadingTest {
  /// What the test finds in what a host says.
  ///
  /// - Parameter drills: Whether a value for practice stands in the place of the true one.
  func find(in facts: HostFacts?, _ terms: Rule.Terms, drills: Bool, at now: Int64) -> HostFinding {
    guard case .reading(let key) = subject else { return HostFinding(unknown: .neverHeard) }
    return SaidReading(key, in: facts, terms, drills: drills, at: now).found(by: self)
  }

  /// What the test finds of whether a host is there.
  func find(_ peer: PeerFinding?, _ terms: Rule.Terms) -> HostFinding {
    guard let peer else { return HostFinding(unknown: .neverHeard) }
    guard !peer.isContested else { return HostFinding(unknown: .contested) }
    guard let state = peer.state, state != .unknown, let value = ReadingValue(state.rawValue) else {
      return HostFinding(unknown: .notJudged)
    }
    guard peer.isOwn || terms.authenticated.trusts(peer.proof) else {
      return HostFinding(unknown: .notAuthentic, value)
    }
    return SaidReading(value).found(by: self)
  }
}

extension Rule.Authenticated {
  /// Whether what a heartbeat of another host proves is enough.
  ///
  /// - Parameter proof: Nil where nothing has to be proved, which proves nothing.
  fileprivate func trusts(_ proof: Proof?) -> Bool {
    switch self {
    case .no: true
    case .yes: proof?.isAuthentic == true
    case .signed: proof == .signed
    }
  }
}
