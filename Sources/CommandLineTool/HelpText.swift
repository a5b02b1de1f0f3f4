// SPDX-License-Identifier: Apache-2.0

/// The help that ArgumentParser writes, in the order in which it is read.
package enum HelpText {
  /// A command's own options first: ArgumentParser puts those that have a title before those that have none.
  /// Groups of commands under their names alone: it calls each of them `NAME SUBCOMMANDS`.
  ///
  /// - Parameter text: any message of ArgumentParser; only help begins with an overview.
  package static func arranged(_ text: String) -> String {
    guard text.hasPrefix("OVERVIEW: ") else { return text }
    var paragraphs = paragraphs(of: text).map { paragraph in
      let lines = paragraph.split(separator: "\n", maxSplits: 1)
      guard let head = lines.first, head.hasSuffix(groupSuffix) else { return paragraph }
      return "\(head.dropLast(groupSuffix.count)):\n" + lines.dropFirst().joined()
    }
    if let options = paragraphs.firstIndex(where: { $0.hasPrefix("OPTIONS:\n") }),
      let before = paragraphs.lastIndex(where: { $0.hasPrefix("ARGUMENTS:\n") || $0.hasPrefix("USAGE: ") })
    {
      paragraphs.insert(paragraphs.remove(at: options), at: before + 1)
    }
    return paragraphs.joined(separator: "\n\n")
  }

  private static let groupSuffix = " SUBCOMMANDS:"

  /// What stands between empty lines.
  private static func paragraphs(of text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).split(whereSeparator: \.isEmpty)
      .map { $0.joined(separator: "\n") }
  }
}
