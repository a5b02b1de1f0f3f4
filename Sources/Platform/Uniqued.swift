// SPDX-License-Identifier: Apache-2.0

extension Sequence where Element: Equatable {
  /// The elements, each once, in the order of their first appearance. For short sequences: it is quadratic.
  package func uniqued() -> [Element] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
