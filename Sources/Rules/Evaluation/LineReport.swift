// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// What a condition finds of its hosts.
package struct LineReport: Equatable, Sendable {
  package struct Host: Equatable, Sendable {
    /// Nil for this host.
    package var host: PeerSubject?
    package var finding: HostFinding

    package init(_ host: PeerSubject?, _ finding: HostFinding) {
      self.host = host
      self.finding = finding
    }
  }

  package var condition: RuleCondition
  /// Whether it is one of `until`.
  package var isUntil: Bool
  package var result: Ternary
  /// In the order of the rule, and those that only a pattern names by their names.
  package var hosts: [Host]
  /// Hosts beyond these.
  package var more = 0

  package init(_ condition: RuleCondition, isUntil: Bool, result: Ternary, hosts: [Host], more: Int = 0) {
    self.condition = condition
    self.isUntil = isUntil
    self.result = result
    self.hosts = hosts
    self.more = more
  }
}

extension LineReport: CustomStringConvertible {
  /// One line: `2 of ups1,ups2: ups.status has OB (ups1=OB DISCHRG, ups2=OB)`.
  package var description: String {
    let hosts = hosts.map(\.description).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    return hosts.isEmpty ? condition.text : "\(condition.text) (\(hosts))"
  }
}

extension LineReport.Host: CustomStringConvertible {
  /// `ups1=OB DISCHRG`, or `ups1: not heard`.
  package var description: String {
    let name = host.map { "\($0)" } ?? "this host"
    let value = finding.value.map { "=\($0)" } ?? ""
    let drill = finding.isDrill ? " for practice" : ""
    return "\(name)\(value)\(drill)" + (finding.reason.map { ": \($0)" } ?? "")
  }
}

extension HostFinding.Unknown: CustomStringConvertible {
  /// Why it is unknown, worded to follow a colon.
  package var description: String {
    switch self {
    case .neverHeard: "not heard"
    case .stale: "not heard for too long"
    case .notSaid: "it does not say this"
    case .saidUnknown: "it says that it is unknown"
    case .mismatch(.kind): "this is of another type"
    case .mismatch(.unit): "this has another unit"
    case .notAuthentic: "this is not authentic"
    case .contested: "two senders use the name"
    case .notJudged: "whether it is there is not known"
    }
  }
}
