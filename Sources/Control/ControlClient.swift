// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Platform
import Varlink

/// The commands that talk to a running daemon.
package enum ControlClient {
  /// How long a daemon may keep us waiting: its loops answer within milliseconds.
  private static let patience = Duration.seconds(5)

  /// `mcastd status [--json]`.
  ///
  /// - Returns: the exit status.
  package static func printStatus(path: String, json: Bool) -> Int32 {
    print(path, ControlInterface.getStatus, as: StatusReply.self, json: json) { $0.text() }
  }

  /// `mcastd peers [--json] [--check]`.
  ///
  /// - Parameter check: prints a line for monitoring, and returns what it comes to.
  /// - Returns: the exit status.
  package static func printPeers(path: String, json: Bool, check: Bool) -> Int32 {
    print(
      path, ControlInterface.listPeers, as: PeersReply.self, json: json, arranged: { $0.sorted() },
      status: { check ? $0.checkStatus : ExitStatus.success },
      text: { check ? $0.checkText() : $0.text() })
  }

  /// `mcastd reload [--environment]`. It waits as long as the daemon needs to judge.
  ///
  /// - Returns: the exit status.
  package static func reload(path: String, environment: [String: String]?) -> Int32 {
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path)
      let parameters = ControlInterface.ReloadParameters(environment: environment)
      let reply = try client.call(
        ControlInterface.reload, parameters: parameters, reply: ReloadReply.self, timeout: .seconds(60))
      Console.print(reply.text())
      for warning in reply.warnings { Console.complain("warning: \(warning)") }
      return ExitStatus.success
    } catch {
      return report(error, path: path)
    }
  }

  /// Asks for something and prints it for people or machines.
  ///
  /// - Parameters:
  ///   - arranged: the reply as it is to be shown.
  ///   - status: what the reply comes to, as an exit status.
  package static func print<Reply: Codable>(
    _ path: String, _ method: String, as type: Reply.Type, json: Bool,
    arranged: (Reply) -> Reply = { $0 }, status: (Reply) -> Int32 = { _ in ExitStatus.success },
    text: (Reply) -> ConsoleText
  ) -> Int32 {
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path, timeout: patience)
      let reply = arranged(try client.call(method, reply: type, timeout: patience))
      Console.print(json ? "\(ConsoleText(json: encoded(reply)))\n" : text(reply))
      return status(reply)
    } catch {
      return report(error, path: path)
    }
  }

  private static func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // What was decoded from JSON encodes.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  private static func report(_ error: VarlinkClientError, path: String) -> Int32 {
    switch error {
    case .noDaemon:
      let unit = ControlSocket.unit(at: path)
      let start: ConsoleText =
        if let unit { "Start it with `systemctl start \(unit)`, or name" } else { "Name" }
      Console.complain("no daemon listens at \(path). \(start) another with --instance or --control.")
      return ExitStatus.unavailable
    case .timedOut:
      let see: ConsoleText =
        if let unit = ControlSocket.unit(at: path) { " See `systemctl status \(unit)`." } else { "" }
      Console.complain(
        "the daemon at \(path) does not answer: it hangs, is stopped, or has too much to do.\(see)")
      return ExitStatus.unavailable
    case .system(_, _, EACCES), .system(_, _, EPERM):
      Console.complain("permission denied: \(error)")
      return ExitStatus.notPermitted
    case .error(ControlInterface.refusedError, let parameters):
      let reason = (try? parameters.decode(Refusal.self))?.reason ?? "no reason given"
      Console.complain("refused, the configuration before stays in force: \(reason)")
      return ExitStatus.configuration
    case .error("org.varlink.service.PermissionDenied", _):
      Console.complain("permission denied: only root and the daemon's own user may do this")
      return ExitStatus.notPermitted
    default:
      Console.complain("\(error)")
      return ExitStatus.unavailable
    }
  }

  private struct Refusal: Decodable { var reason: String }
}
