// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CArguments
import Glibc
import Platform
import Settings

@main
enum EntryPoint {
  /// Parses the arguments of main(): `ParsableCommand.main()` takes those of `CommandLine`, which is empty
  /// without /proc. Messages of ArgumentParser go through `Console`, so that a failed write sets the exit
  /// status.
  static func main() {
    Console.occupyStandardDescriptors()
    let arguments = Array(arguments().dropFirst())
    var status = ExitStatus.success
    do {
      var command = try Mcastd.parseAsRoot(arguments)
      try command.run()
    } catch {
      status = report(advised(error, arguments))
    }
    exit(Console.exitStatus(after: status))
  }

  /// Prints what `ParsableArguments.exit(withError:)` would print.
  ///
  /// - Returns: the exit status.
  private static func report(_ error: any Error) -> Int32 {
    let code = Mcastd.exitCode(for: error)
    let text = Mcastd.fullMessage(for: error)
    if !text.isEmpty {
      let lines = ConsoleText(lines: text)
      if code.isSuccess { Console.print("\(lines)\n") } else { Console.write(error: "\(lines)\n") }
    }
    return code.rawValue
  }

  private static func arguments() -> [String] {
    var arguments: [String] = []
    while let argument = carguments_argument(Int32(arguments.count)) {
      arguments.append(String(cString: argument))
    }
    return arguments
  }

  /// Adds a hint to a usage error: options follow the command (0.1.0 took options without a command as those
  /// of `run`), or the most similar command.
  private static func advised(_ error: any Error, _ arguments: [String]) -> any Error {
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
