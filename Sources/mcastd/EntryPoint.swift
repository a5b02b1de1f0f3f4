// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CArguments

@main
enum EntryPoint {
  /// Hands over the arguments explicitly: `ParsableCommand.main()` takes those of `CommandLine`, which has
  /// none where there is no /proc.
  static func main() {
    let arguments = Array(arguments().dropFirst())
    do {
      var command = try Mcastd.parseAsRoot(arguments)
      try command.run()
    } catch {
      Mcastd.exit(withError: advised(error, arguments))
    }
  }

  private static func arguments() -> [String] {
    var arguments: [String] = []
    while let argument = carguments_argument(Int32(arguments.count)) {
      arguments.append(String(cString: argument))
    }
    return arguments
  }

  /// A usage error that says where options go: in 0.1.0 those without a command were those of `run`.
  private static func advised(_ error: any Error, _ arguments: [String]) -> any Error {
    guard let first = arguments.first, first.hasPrefix("-"), Mcastd.exitCode(for: error) == .validationFailure
    else { return error }
    return ValidationError(
      "\(Mcastd.message(for: error)). Options follow the command, as in `mcastd run --interface eth0`.")
  }
}
