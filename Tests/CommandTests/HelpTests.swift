// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import TestSupport
import Testing

@testable import mcastd
@testable import mcastd_mqtt

struct HelpTests {
  /// A command of a program.
  struct Command: Sendable, CustomTestStringConvertible {
    var root: any ParsableCommand.Type
    var type: any ParsableCommand.Type
    /// As it is called: `mcastd rules test`.
    var name: String
    var testDescription: String { name }

    func help(columns: Int) -> String {
      HelpText.arranged(root.helpMessage(for: type, columns: columns))
    }

    /// The examples in its help, with what they are for.
    func exampleLines(columns: Int) -> [Substring] {
      Array(
        help(columns: columns).split(separator: "\n", omittingEmptySubsequences: false)
          .drop { $0 != "EXAMPLES:" }.dropFirst().prefix { !$0.isEmpty })
    }

    /// What is typed, line by line.
    var examples: [Substring] { exampleLines(columns: 200).compactMap { $0.split(separator: "#").first } }

    static func all(
      of root: any ParsableCommand.Type, _ type: (any ParsableCommand.Type)? = nil, below path: String = ""
    ) -> [Command] {
      let type = type ?? root
      let name = path + (type.configuration.commandName ?? "")
      return [Command(root: root, type: type, name: name)]
        + type.configuration.subcommands.flatMap { all(of: root, $0, below: name + " ") }
    }

    static let all = all(of: Mcastd.self) + all(of: McastdMQTT.self)
  }

  @Test("every command of mcastd is in one group, and there is none beside")
  func groups() throws {
    let configuration = Mcastd.configuration
    #expect(configuration.ungroupedSubcommands.isEmpty)
    let grouped = configuration.groupedSubcommands.flatMap(\.subcommands).map { ObjectIdentifier($0) }
    #expect(grouped.count == Set(grouped).count)
    // What the sources call a command is in the tree.
    let declared = try SourceTree.sources(in: "Sources/mcastd").flatMap { path in
      try SourceTree.read(path).matches(of: /commandName: "([a-z-]+)"/).map { String($0.1) }
    }
    let known = Command.all(of: Mcastd.self).map { String($0.name.split(separator: " ").last ?? "") }
    #expect(declared.sorted() == known.sorted())
  }

  @Test("mcastd --help has a heading for each group, and its commands below it")
  func headings() throws {
    let help = try #require(Command.all.first).help(columns: 80)
    let paragraphs = help.split(separator: "\n\n")
    for group in Mcastd.configuration.groupedSubcommands {
      let paragraph = try #require(
        paragraphs.first { $0.hasPrefix("\(group.name.uppercased()):\n") }, "\(help)")
      let commands = paragraph.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("   ") }
        .map { String($0.split(separator: " ")[0]) }
      #expect(commands == group.subcommands.map { $0.configuration.commandName })
    }
  }

  @Test("a command's own options come first, then the daemon, then the settings by subject")
  func order() throws {
    let watch = try #require(Command.all.first { $0.name == "mcastd watch" })
    let help = watch.help(columns: 80)
    let headings = help.split(separator: "\n").filter { $0.hasSuffix(":") && !$0.hasPrefix(" ") }
    #expect(
      headings == [
        "EXAMPLES:", "OPTIONS:", "DAEMON:", "SETTINGS:", "SETTINGS (GROUP AND INTERFACE):",
        "SETTINGS (HEARTBEATS):", "SETTINGS (AUTHENTICATION):", "SETTINGS (READINGS):", "SETTINGS (RULES):",
        "SETTINGS (LOG):", "SETTINGS (PEERS):", "SETTINGS (METRICS):",
      ])
    let options = try #require(help.split(separator: "\n\n").first { $0.hasPrefix("OPTIONS:\n") })
    #expect(options.contains("--count <n>") && options.contains("--help"))
  }

  @Test("arguments stand before options")
  func arguments() throws {
    let set = try #require(Command.all.first { $0.name == "mcastd set" })
    let headings = set.help(columns: 80).split(separator: "\n").filter { $0.hasSuffix(":") }
    #expect(headings == ["EXAMPLES:", "ARGUMENTS:", "OPTIONS:", "DAEMON:"])
  }

  @Test("what is no help stays as it is")
  func others() {
    for text in ["", "1.0.0", "Error: x\n\nOPTIONS:\n  --y", "complete -F x\n\n\nOPTIONS:\n"] {
      #expect(HelpText.arranged(text) == text)
    }
  }

  @Test("each command shows examples, which are calls of it that parse", arguments: Command.all)
  func examples(command: Command) throws {
    #expect(command.examples.count >= 2 || command.name == "mcastd key")
    let program = command.name.split(separator: " ")[0]
    for call in command.examples.flatMap({ $0.split(separator: " && ") }) {
      let words = call.split(separator: " ").map(String.init).drop { $0 == "sudo" }
      try #require(words.first.map { $0 == program } == true, "\(call)")
      let parsed = try command.root.parseAsRoot(Array(words.dropFirst()))
      // Of one with commands of its own they are those.
      if command.type.configuration.subcommands.isEmpty {
        #expect(type(of: parsed) == command.type, "\(call)")
      }
    }
  }

  @Test("help fits, and examples do so on a line each", arguments: Command.all, [80, 110])
  func width(command: Command, columns: Int) {
    let lines = command.help(columns: columns).split(separator: "\n")
    for line in lines where !line.hasPrefix("USAGE: ") { #expect(line.count <= columns, "\(line)") }
    #expect(command.exampleLines(columns: columns) == command.exampleLines(columns: 200))
  }

  @Test("a command that is misspelt is found in any group")
  func nearest() {
    for (typed, meant) in [
      ("wtach", "watch"), ("relaod", "reload"), ("reading", "readings"), ("unst", "unset"),
    ] {
      let message = Mcastd.message(for: EntryPoint.advised(error(of: [typed]), [typed]))
      #expect(message.contains("Did you mean '\(meant)'?"), "\(message)")
    }
  }

  private func error(of arguments: [String]) -> any Error {
    do {
      _ = try Mcastd.parseAsRoot(arguments)
      return CleanExit.message("it parses")
    } catch {
      return error
    }
  }
}
