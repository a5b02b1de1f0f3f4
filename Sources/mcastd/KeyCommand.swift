// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Heartbeat
import Platform

struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Make keys that authenticate heartbeats.", subcommands: [New.self])

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "new", abstract: "Print a line for a file of keys, with a fresh secret.",
      discussion: Examples.text([
        "mcastd key new": "for all hosts of a group",
        "mcastd key new --algorithm ed25519": "one host signs, others check",
      ]))

    @Option(
      help: ArgumentHelp(
        "hmac-sha256: a secret that hosts share; ed25519: a seed for one host, a public key for others.",
        valueName: "algorithm"))
    var algorithm = KeyAlgorithm.hmacSHA256

    func run() throws {
      // getrandom(2).
      var random = SystemRandomNumberGenerator()
      let time = CivilTime(realtime: Clocks.realtime(), zone: .utc)
      guard let lines = NewKey.lines(algorithm, at: time, using: &random) else { return }
      Console.print(ConsoleText(lines: lines))
    }
  }
}

/// Those of which there can be a new key.
extension KeyAlgorithm: ExpressibleByArgument {
  public init?(argument: String) {
    guard let algorithm = Self.secrets.first(where: { $0.rawValue == argument }) else { return nil }
    self = algorithm
  }

  public static var allValueStrings: [String] { secrets.map(\.rawValue) }
}
