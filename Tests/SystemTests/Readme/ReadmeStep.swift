// SPDX-License-Identifier: Apache-2.0

/// What README.md has somebody do, in its order.
enum ReadmeStep: Equatable {
  /// `HOST# COMMAND` as root, or `HOST$ COMMAND` as nobody in particular, and what it prints.
  case command(Command)
  /// A file, whose first line is `# PATH`.
  case file(path: String, text: String)
  /// A picture of `mcastd watch`.
  case picture([String])
  /// A heading.
  case section(String)

  struct Command: Equatable {
    /// Empty for any host, `each` for all of them.
    var host: String
    var isRoot: Bool
    /// Without the comment after it.
    var text: String
    /// As README shows it; `…` stands for any lines.
    var output: [String]
  }

  /// The steps in the fenced blocks of a text, `console`, `ini` and `text`, and its headings.
  ///
  /// - Throws: for a block of another kind, or a console that begins without a prompt.
  static func all(in markdown: String) throws -> [ReadmeStep] {
    var steps: [ReadmeStep] = []
    let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var rest = lines[...]
    while let start = rest.firstIndex(where: { $0.hasPrefix("```") || $0.hasPrefix("## ") }) {
      guard rest[start].hasPrefix("```") else {
        steps.append(.section(String(rest[start].dropFirst(3))))
        rest = rest[(start + 1)...]
        continue
      }
      let body = rest[(start + 1)...].prefix { $0 != "```" }
      switch rest[start] {
      case "```console": steps += try commands(in: body)
      case "```text": steps.append(.picture(Array(body)))
      case "```ini":
        guard let path = body.first, path.hasPrefix("# /") else { throw unknown(body.first) }
        let text = body.dropFirst().map { $0 + "\n" }.joined()
        steps.append(.file(path: String(path.dropFirst(2)), text: text))
      default: throw unknown(rest[start])
      }
      rest = rest[(body.endIndex + 1)...]
    }
    return steps
  }

  private static func commands(in lines: ArraySlice<String>) throws -> [ReadmeStep] {
    var commands: [Command] = []
    for line in lines {
      if let prompt = line.prefixMatch(of: #/([a-z0-9]*)([$#]) (\S.*?)(?: {2,}# .*)?$/#) {
        commands.append(
          Command(host: String(prompt.1), isRoot: prompt.2 == "#", text: String(prompt.3), output: []))
      } else if commands.isEmpty {
        throw unknown(line)
      } else {
        commands[commands.count - 1].output.append(line)
      }
    }
    return commands.map { .command($0) }
  }

  private static func unknown(_ line: String?) -> NeverHappened {
    NeverHappened(description: "README.md has a block that no test can run: \(line ?? "")")
  }
}

/// Whether what is printed is what README shows, but for what differs each time.
enum ReadmeOutput {
  static func matches(_ printed: [String], _ shown: [String]) -> Bool {
    guard let first = shown.first else { return printed.allSatisfy(\.isEmpty) }
    if first == "…" {
      return (0...printed.count).contains { matches(Array(printed.dropFirst($0)), Array(shown.dropFirst())) }
    }
    guard let line = printed.first, form(line) == form(first) else { return false }
    return matches(Array(printed.dropFirst()), Array(shown.dropFirst()))
  }

  /// A line without its numbers, the units of times, columns and bars.
  static func form(_ line: String) -> String {
    line.replacing(#/\d+(?:[.,:]\d+)*/#, with: "#")
      .replacing(#/# ?(?:µs|ms|s|min)\b/#, with: "TIME")
      .replacing(#/[▁-█]+/#, with: "▅")
      .replacing(#/\s+/#, with: " ")
  }
}
