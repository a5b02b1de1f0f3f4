// SPDX-License-Identifier: Apache-2.0

import Platform

/// What is not wrong enough to refuse a configuration.
package enum SettingsWarning: Hashable, Sendable {
  /// A variable or a key in a file that nobody reads.
  ///
  /// - Parameters:
  ///   - name: as it was written; for a key in a section, with the section and a dot before it.
  ///   - nearest: the known name that is most like it, of the same kind; `nil` where none is near.
  case unknown(name: String, nearest: String?, origin: Origin)
  /// A key that there is, in a section in which nobody reads it.
  ///
  /// - Parameters:
  ///   - section: empty before the first section.
  ///   - homes: where it belongs, at least one.
  case misplaced(key: String, section: String, homes: [Key], origin: Origin)
  /// So many more of them, not told one by one.
  case more(Int)

  /// Warnings told one by one; a hostile file could hold a hundred thousand.
  static let maximumCount = 32

  /// Whether a line of a file is ignored.
  package var concernsFile: Bool {
    switch self {
    case .unknown(_, _, .file), .misplaced: true
    case .unknown, .more: false
    }
  }
}

extension SettingsWarning: CustomStringConvertible {
  /// One line: `/etc/mcastd/mcastd.conf:7: unknown key publish.grup is ignored; the nearest is
  /// publish.group`.
  package var description: String {
    switch self {
    case .unknown(_, let nearest, .environment(let name)):
      "unknown variable \(Printable.line(name)) in the environment is ignored" + hint(nearest)
    case .unknown(let name, let nearest, let origin):
      "\(origin): unknown key \(Printable.line(name)) is ignored" + hint(nearest)
    case .misplaced(let key, "", let homes, let origin):
      "\(origin): \(Printable.line(key)) is ignored before the first section; it belongs to \(places(homes))"
    case .misplaced(let key, let section, let homes, let origin):
      "\(origin): \(Printable.line(key)) is ignored in [\(Printable.line(section))]; it belongs "
        + (homes.contains { $0.section.isEmpty } ? "before the first section" : "to \(places(homes))")
    case .more(let count):
      "\(count) more unknown names are ignored"
    }
  }

  private func hint(_ nearest: String?) -> String { nearest.map { "; the nearest is \($0)" } ?? "" }

  private func places(_ homes: [Key]) -> String { homes.map { "[\($0.section)]" }.joined(separator: " or ") }
}

extension SettingsWarning {
  /// The warnings for names that nobody reads, those of files first.
  static func warnings(for keys: [UnknownName], variables: [String]) -> [SettingsWarning] {
    var warnings = keys.prefix(maximumCount).map(\.warning)
    let known = Key.allCases.map(\.environmentName)
    for name in variables.prefix(maximumCount - warnings.count) {
      // The prefix is always right and says nothing about likeness.
      let bare = { (name: String) in String(name.dropFirst(Key.environmentPrefix.count)) }
      let nearest = Similarity.nearest(to: bare(name), in: known.map(bare))
        .map { Key.environmentPrefix + $0 }
      warnings.append(.unknown(name: name, nearest: nearest, origin: .environment(name)))
    }
    let count = keys.count + variables.count
    if count > maximumCount { warnings.append(.more(count - maximumCount)) }
    return warnings
  }
}

/// A key in a file that nobody reads, and what may have been meant by it.
struct UnknownName: Equatable, Sendable {
  /// Empty before the first section.
  var section: String
  /// As it stands in its section.
  var key: String
  var origin: Origin

  private var name: String { section.isEmpty ? key : section + "." + key }

  /// What an operator is told.
  var warning: SettingsWarning {
    let names = Key.allCases.map(\.name)
    let isKnownSection = section.isEmpty || Key.allCases.contains { $0.section == section }
    let homes = homes
    // A slip in the section's name is nearer than a key of the same name elsewhere.
    let slip = isKnownSection && !homes.isEmpty ? nil : Similarity.nearest(to: name, in: names, within: 2)
    if slip == nil, !homes.isEmpty {
      return .misplaced(key: key, section: section, homes: homes, origin: origin)
    }
    return .unknown(
      name: name, nearest: slip ?? Similarity.nearest(to: name, in: names), origin: origin)
  }

  /// The keys that are so named in other sections: `interval` for `interval` in [publish], `log.rate` for
  /// `rate` before the first section. A key without a section comes alone, for it holds for both directions.
  private var homes: [Key] {
    if let whole = Key(rawValue: key) { return [whole] }
    return Key.allCases.filter { $0.nameInSection == key }
  }
}

extension Key {
  /// `publish` of `publish.group`; empty for a key that stands before the first section.
  var section: String { name.split(separator: ".").count > 1 ? String(name.prefix { $0 != "." }) : "" }

  /// `group` of `publish.group`.
  var nameInSection: String { name.split(separator: ".").last.map(String.init) ?? name }
}
