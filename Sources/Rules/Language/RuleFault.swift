// SPDX-License-Identifier: Apache-2.0

import Platform

/// What is wrong with a rule, and where.
package struct RuleFault: Error, Equatable, Sendable {
  /// Of the file.
  package var path: String
  /// From 1, the column in bytes; 0 for the file as a whole.
  package var line: Int
  package var column: Int
  /// What is wrong, naming the value, and what is accepted: one line.
  package var problem: String

  package init(path: String, line: Int = 0, column: Int = 0, problem: String) {
    self.path = path
    self.line = line
    self.column = column
    self.problem = problem
  }
}

extension RuleFault: CustomStringConvertible {
  /// `/etc/mcastd/rules.d/fans.rule:3:12: …`, as compilers have it.
  package var description: String {
    let place = line == 0 ? "" : ":\(line)" + (column == 0 ? "" : ":\(column)")
    return "\(Printable.line(path))\(place): \(problem)"
  }
}

/// A rule that is refused as a whole: what is left of it might act where it should not.
package struct RuleFileError: Error, Equatable {
  /// At least one, in the order of lines.
  package let faults: [RuleFault]

  /// Faults that are told one by one.
  static let most = 32

  init(_ faults: [RuleFault]) {
    let sorted = faults.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    let more = faults.count - Self.most
    self.faults =
      sorted.prefix(Self.most)
      + (more > 0 ? [RuleFault(path: sorted[0].path, problem: "\(more) more errors")] : [])
  }
}

extension RuleFileError: CustomStringConvertible {
  package var description: String { faults.map(\.description).joined(separator: "; ") }
}
