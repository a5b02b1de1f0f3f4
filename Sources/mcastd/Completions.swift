// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Settings

extension CompletionKind {
  /// The values of a setting, where they can be listed.
  static func setting(_ key: Key) -> CompletionKind {
    switch key.inherits ?? key {
    case .interface: .custom { _, _, word in CompletionWords.interfaces(completing: word) }
    case let key where key.choices.isEmpty: .default
    case let key: .list(key.choices)
    }
  }
}
