// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CArguments
import Daemon
import Glibc
import Platform
import Settings

@main
enum EntryPoint {
  /// Hands over the arguments explicitly: `ParsableCommand.main()` takes those of `CommandLine`, which has
  /// none where there is no /proc. What ArgumentParser has to say is printed by `Console` as all else is, so
  /// that output that fails is no success.
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

  /// Says what `ParsableArguments.exit(withError:)` would say.
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

  /// A usage error that says where options go, for in 0.1.0 those without a command were those of `run`; or
  /// which command may have been meant.
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
