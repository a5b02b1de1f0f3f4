// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

struct ChangeTests {
  @Test("a change of any key is a change of that key and of those that inherit it", arguments: Key.allCases)
  func changes(key: Key) throws {
    let others = key.example.others
    let (old, new) = (
      try load(environment: others), try load([key: key.example.values[0]], environment: others)
    )
    let changed = Key.allCases.filter { $0 == key || $0.inherits == key }
    #expect(
      new.changes(from: old)
        == changed.map {
          SettingChange(
            key: $0, before: $0.example.byDefault, after: key.example.values[0],
            origin: .commandLine(flag: key.flag))
        })
    #expect(
      old.changes(from: new)
        == changed.map {
          SettingChange(
            key: $0, before: key.example.values[0], after: $0.example.byDefault, origin: .default)
        })
  }

  @Test("a reload does for a key what that key needs and nothing else", arguments: Key.allCases)
  func effects(key: Key) throws {
    let others = key.example.others
    let changes = try load([key: key.example.values[0]], environment: others)
      .changes(from: try load(environment: others))
    #expect(Set(changes.map(\.key.reloadEffect)) == key.example.effects)
  }

  @Test("every effect is that of a key", arguments: ReloadEffect.allCases)
  func everyEffect(effect: ReloadEffect) {
    #expect(Key.allCases.contains { $0.reloadEffect == effect })
  }

  @Test("every key changes a property of the settings", arguments: Key.allCases)
  func properties(key: Key) throws {
    func properties(_ settings: Settings) -> [String] {
      Mirror(reflecting: settings).children.filter { $0.label != "effective" && $0.label != "warnings" }
        .map { "\($0)" }
    }
    let others = key.example.others
    let changed = try load([key: key.example.values[0]], environment: others)
    #expect(properties(changed) != properties(try load(environment: others)))
  }

  @Test("the same value from elsewhere is no change")
  func origins() throws {
    let defaults = Key.allCases.compactMap { key in key.defaultText.map { (key, $0) } }
    #expect(try load(Dictionary(uniqueKeysWithValues: defaults)).changes(from: try load()) == [])
  }
}
