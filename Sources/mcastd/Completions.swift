// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Settings

extension CompletionKind {
  /// The values of a setting, where they can be listed.
  static func setting(_ key: Key) -> CompletionKind {
    switch key.inherits ?? key {
    case .interface: .custom { _, _, word in CompletionWords.interfaces(completing: word) }
    case .source: .daemon { CompletionWords.list($0.addresses(), or: "any", completing: $1) }
    case .peersExpected: .daemon { CompletionWords.list($0.peers(), or: "none", completing: $1) }
    case .authKeys: .file()
    case .readingsDirectory, .rulesDirectory: .directory
    case let key: values(CompletionWords.values(of: key))
    }
  }

  private static func values(_ words: [String]) -> CompletionKind {
    words.isEmpty ? .default : .list(words)
  }

  /// What the daemon of the command line knows, and the word that has been typed so far.
  static func daemon(_ words: @escaping @Sendable (DaemonWords, String) -> [String]) -> CompletionKind {
    .custom { line, index, word in words(DaemonWords(line: line, index: index), word) }
  }

  /// How long to wait, or to say something: any time will do.
  static let durations = CompletionKind.list(["10s", "1min", "10min", "1h"])
}
