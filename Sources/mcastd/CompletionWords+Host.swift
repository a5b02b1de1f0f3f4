// SPDX-License-Identifier: Apache-2.0

import CommandLineTool
import Multicast
import Platform

extension CompletionWords {
  /// Names of interfaces, alternative ones included, for the last item of a comma-separated list, and `auto`
  /// for the first.
  ///
  /// - Parameter word: what has been typed so far.
  static func interfaces(completing word: String) -> [String] {
    let names = (try? InterfaceTable.read())?.interfaces.flatMap { [$0.name] + $0.alternativeNames } ?? []
    return list(names, completing: word)
  }

  /// The words for `interfaces(completing:)`, from the names.
  static func list(_ names: [String], completing word: String) -> [String] {
    guard let comma = word.lastIndex(of: ",") else { return ["auto"] + names.filter(isHarmless) }
    let before = word[...comma]
    let taken = Set(word.split(separator: ",").map(String.init))
    return names.filter { isHarmless($0) && !taken.contains($0) }.map { before + $0 }
  }
}
