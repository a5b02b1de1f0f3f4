// SPDX-License-Identifier: Apache-2.0

/// What is not wrong enough to refuse a configuration.
package enum SettingsWarning: Hashable, Sendable {
  /// A variable or a key in a file that nobody reads.
  ///
  /// - Parameters:
  ///   - name: as it was written; for a key in a section, with the section and a dot before it.
  ///   - nearest: the known name that is most like it, of the same kind.
  case unknown(name: String, nearest: String, origin: Origin)
  /// So many more of them, not told one by one.
  case more(Int)

  /// Warnings told one by one; a hostile file could hold a hundred thousand.
  static let maximumCount = 32
}

extension SettingsWarning: CustomStringConvertible {
  /// One line: `/etc/mcastd/mcastd.conf:7: unknown key publish.grup is ignored; the nearest is publish.group`.
  package var description: String {
    switch self {
    case .unknown(_, let nearest, .environment(let name)):
      "unknown variable \(Printable.line(name)) in the environment is ignored; the nearest is \(nearest)"
    case .unknown(let name, let nearest, let origin):
      "\(origin): unknown key \(Printable.line(name)) is ignored; the nearest is \(nearest)"
        + (name.contains(".") && !nearest.contains(".") ? ", which stands before the first section" : "")
    case .more(let count):
      "\(count) more unknown names are ignored"
    }
  }
}

extension SettingsWarning {
  /// The warnings for names that nobody reads, those of files first.
  static func warnings(for names: [(name: String, origin: Origin)]) -> [SettingsWarning] {
    var warnings: [SettingsWarning] = []
    for (name, origin) in names.prefix(maximumCount) {
      let nearest =
        if case .environment = origin {
          Similarity.nearest(to: name, in: Key.allCases.map(\.environmentName))
        } else {
          Similarity.nearestKey(to: name)
        }
      warnings.append(.unknown(name: name, nearest: nearest ?? "", origin: origin))
    }
    if names.count > maximumCount { warnings.append(.more(names.count - maximumCount)) }
    return warnings
  }
}
