// SPDX-License-Identifier: Apache-2.0

import CommandLineTool
import Glibc
import Multicast
import Platform
import Rules
import Settings

extension CompletionWords {
  /// Names of interfaces, alternative ones included, for the last item of a comma-separated list, and `auto`
  /// for the first.
  ///
  /// - Parameter word: what has been typed so far.
  static func interfaces(completing word: String) -> [String] {
    let names = (try? InterfaceTable.read())?.interfaces.flatMap { [$0.name] + $0.alternativeNames } ?? []
    return list(names, or: "auto", completing: word)
  }

  /// The words for the last item of a comma-separated list.
  ///
  /// - Parameters:
  ///   - names: the items.
  ///   - alternative: what may stand in place of a list.
  ///   - word: what has been typed so far.
  static func list(_ names: [String], or alternative: String, completing word: String) -> [String] {
    guard let comma = word.lastIndex(of: ",") else { return [alternative] + names.filter(isHarmless) }
    let before = word[...comma]
    let taken = word.split(separator: ",").map(String.init)
    guard taken.allSatisfy(isHarmless) else { return [] }
    return names.filter { isHarmless($0) && !taken.contains($0) }.map { before + $0 }
  }

  /// Values of a setting that are as good as any others, or all that there are.
  static func values(of key: Key) -> [String] {
    guard key.choices.isEmpty else { return key.choices }
    return switch key {
    case .interval: ["100ms", "1s", "10s"]
    case .metricsInterval: ["15s", "1min"]
    case .name: ["auto"]
    case .peersFalseAlarms: ["1/y", "1/d"]
    case .readingsExpire: ["30s", "5min"]
    case .ttl: ["0", "1"]
    default: [key.defaultText ?? ""].filter { !$0.isEmpty }
    }
  }

  /// Names of the rules in a directory, and files.
  static func rules(in directory: String, completing word: String) -> [String] {
    names(in: directory).compactMap { RuleName(file: $0)?.text }.sorted()
      + paths(completing: word)
  }

  /// Files and directories, these with a slash at the end. A shell would also know of `~` and of names that
  /// have to be quoted, but has no way to be told of other words beside.
  static func paths(completing word: String) -> [String] {
    let typed = word.lastIndex(of: "/").map { word[...$0] } ?? ""
    guard typed.split(separator: "/").allSatisfy({ isHarmless(String($0)) }) else { return [] }
    let isHidden = word.dropFirst(typed.count).hasPrefix(".")
    return names(in: typed.isEmpty ? "." : String(typed)).filter { name in
      isHarmless(name) && name.hasPrefix(".") == isHidden
    }.sorted().map { typed + $0 + (isDirectory(typed + $0) ? "/" : "") }
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
