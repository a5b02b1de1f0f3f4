// SPDX-License-Identifier: Apache-2.0

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
