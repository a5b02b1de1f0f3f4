// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CArguments
import Glibc
import Platform

extension ParsableCommand {
  /// The main() of a program: parses its arguments, runs the command and exits.
  ///
  /// `ParsableCommand.main()` takes the arguments of `CommandLine`, which is empty without /proc. Messages of
  /// ArgumentParser go through `Console`, so that a failed write sets the exit status.
  ///
  /// - Parameter advised: the error that is reported for one that came of these arguments.
  package static func runAndExit(
    advised: (any Error, [String]) -> any Error = { error, _ in error }
  ) -> Never {
    Console.occupyStandardDescriptors()
    Signals.awaitChildren()
    let arguments = Array(programArguments().dropFirst())
    var status = ExitStatus.success
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      status = report(advised(error, arguments))
    }
    Glibc.exit(Console.exitStatus(after: status))
  }

  /// Prints what `ParsableArguments.exit(withError:)` would print.
  ///
  /// - Returns: the exit status.
  private static func report(_ error: any Error) -> Int32 {
    let code = exitCode(for: error)
    let text = HelpText.arranged(fullMessage(for: error))
    if !text.isEmpty {
      let lines = ConsoleText(lines: text)
      if code.isSuccess { Console.print("\(lines)\n") } else { Console.write(error: "\(lines)\n") }
    }
    return code.rawValue
  }
}

/// argv.
private func programArguments() -> [String] {
  var arguments: [String] = []
  while let argument = carguments_argument(Int32(arguments.count)) {
    arguments.append(String(cString: argument))
  }
  return arguments
}
