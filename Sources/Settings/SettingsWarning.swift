// SPDX-License-Identifier: Apache-2.0

import Platform

/// An unknown or misplaced name. The configuration is accepted without it.
package enum SettingsWarning: Hashable, Sendable {
  /// A variable, or a name in a file, that is no key.
  ///
  /// - Parameters:
  ///   - name: as written; in a section, with the section and a dot before it.
  ///   - nearest: the most similar known name of the same kind; `nil` where none is near.
  case unknown(name: String, nearest: String?, origin: Origin)
  /// A key in a section to which it does not belong.
  ///
  /// - Parameters:
  ///   - section: empty before the first section.
  ///   - sections: to which it belongs, at least one; empty for the lines before the first section.
  case misplaced(key: String, section: String, sections: [String], origin: Origin)
  /// The number of warnings beyond `maximumCount`.
  case more(Int)

  /// Warnings that are listed: a hostile file may have a hundred thousand.
  static let maximumCount = 32

  /// Whether it is a line of a file, which `mcastd check` takes for an error.
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
    case .misplaced(let key, "", let sections, let origin):
      "\(origin): \(Printable.line(key)) is ignored before the first section; "
        + "it belongs to \(list(sections))"
    case .misplaced(let key, let section, let sections, let origin):
      "\(origin): \(Printable.line(key)) is ignored in [\(Printable.line(section))]; it belongs "
        + (sections.contains("") ? "before the first section" : "to \(list(sections))")
    case .more(let count):
      "\(count) more unknown names are ignored"
    }
  }

  private func hint(_ nearest: String?) -> String { nearest.map { "; did you mean \($0)?" } ?? "" }

  private func list(_ sections: [String]) -> String {
    sections.map { "[\($0)]" }.joined(separator: " or ")
  }
}

extension SettingsWarning {
  /// The warnings for unknown names, those of files first.
  static func warnings(for keys: [UnknownName], variables: [String]) -> [SettingsWarning] {
    var warnings = keys.prefix(maximumCount).map(\.warning)
    let known = Key.allCases.map(\.environmentName)
    for name in variables.prefix(maximumCount - warnings.count) {
      // Without the prefix, which every candidate shares.
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

/// A name in a file that is no key, and the key that may be meant.
struct UnknownName: Equatable, Sendable {
  /// Empty before the first section.
  var section: String
  /// Without the section.
  var key: String
  var origin: Origin

  private var name: String { section.isEmpty ? key : section + "." + key }

  /// The warning, with the section to which the key belongs or the nearest name.
  var warning: SettingsWarning {
    let names = Key.allCases.map(\.name)
    let isKnownSection = section.isEmpty || Key.allCases.contains { $0.section == section }
    let sections = sections
    // A typing error in the section's name is likelier than a key of another section.
    let typo = isKnownSection && !sections.isEmpty ? nil : Similarity.nearest(to: name, in: names, within: 2)
    if typo == nil, !sections.isEmpty {
      return .misplaced(key: key, section: section, sections: sections, origin: origin)
    }
    return .unknown(
      name: name, nearest: typo ?? Similarity.nearest(to: name, in: names), origin: origin)
  }

  /// Sections that have a key of this name: `log` for `rate` before the first section, and the empty one for
  /// `interval` in [publish]. That one is the only one where it has the key, which is for both directions.
  private var sections: [String] {
    if let whole = Key(rawValue: key) { return [whole.section] }
    return Key.allCases.filter { $0.nameInSection == key }.map(\.section)
  }
}

extension Key {
  /// `publish` of `publish.group`; empty for a key without a section.
  var section: String { name.split(separator: ".").count > 1 ? String(name.prefix { $0 != "." }) : "" }

  /// `group` of `publish.group`.
  var nameInSection: String { name.split(separator: ".").last.map(String.init) ?? name }
}
