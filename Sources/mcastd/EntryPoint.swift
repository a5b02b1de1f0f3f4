// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Platform

@main
enum EntryPoint {
  static func main() { Mcastd.runAndExit(advised: advised) }

  /// Adds a hint to a usage error: options follow the command (0.1.0 took options without a command as those
  /// of `run`), or the most similar command.
  static func advised(_ error: any Error, _ arguments: [String]) -> any Error {
    guard let first = arguments.first, Mcastd.exitCode(for: error) == .validationFailure else { return error }
    if first.hasPrefix("-") {
      return ValidationError(
        "\(Mcastd.message(for: error)). Options follow the command, as in `mcastd run --interface eth0`.")
    }
    let commands = Mcastd.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard !commands.contains(first) else { return error }
    let nearest = Similarity.nearest(to: first, in: commands).map { " Did you mean '\($0)'?" } ?? ""
    return ValidationError("There is no command '\(first)'.\(nearest)")
  }
}
