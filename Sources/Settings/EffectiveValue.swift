// SPDX-License-Identifier: Apache-2.0

/// One setting in force, and where it comes from.
package struct EffectiveValue: Hashable, Sendable {
  package var key: Key
  /// In its normal form, which is accepted as input everywhere.
  package var value: String
  /// For a key that inherits and is not set itself, the origin of what it inherits.
  package var origin: Origin

  package init(key: Key, value: String, origin: Origin) {
    self.key = key
    self.value = value
    self.origin = origin
  }
}

/// A key whose value in force is another one after a reload. A change of the origin alone is none.
package struct SettingChange: Hashable, Sendable {
  package var key: Key
  /// In their normal form.
  package var before: String
  package var after: String
  /// Where the new value comes from.
  package var origin: Origin
}

extension Settings {
  /// What differs from the settings before, in the order of ``Key``. A shared key that no direction inherits
  /// any more is listed as well, and its effect is ``ReloadEffect/none``.
  package func changes(from old: Settings) -> [SettingChange] {
    let before = Dictionary(old.effective.map { ($0.key, $0.value) }) { first, _ in first }
    return effective.compactMap { value in
      guard let old = before[value.key], old != value.value else { return nil }
      return SettingChange(key: value.key, before: old, after: value.value, origin: value.origin)
    }
  }
}
