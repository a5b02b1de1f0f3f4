// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Varlink

/// The commands that talk to a running daemon.
package enum ControlClient {
  /// `mcastd status [--json]`.
  ///
  /// - Returns: the exit status.
  package static func printStatus(path: String, json: Bool) -> Int32 {
    print(path, ControlInterface.getStatus, as: StatusReply.self, json: json) { $0.text() }
  }

  /// `mcastd peers [--json]`.
  ///
  /// - Returns: the exit status.
  package static func printPeers(path: String, json: Bool) -> Int32 {
    print(path, ControlInterface.listPeers, as: PeersReply.self, json: json) { $0.text() }
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
  static func print<Reply: Codable>(
    _ path: String, _ method: String, as type: Reply.Type, json: Bool, _ text: (Reply) -> String
  ) -> Int32 {
    do throws(VarlinkClientError) {
      let reply = try VarlinkClient.connect(path).call(method, reply: type)
      Console.print(json ? encoded(reply) + "\n" : text(reply))
      return ExitStatus.success
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
      Console.complain(
        "no daemon listens at \(path). Start it with `systemctl start mcastd`, or name another with "
          + "--instance or --control.")
      return ExitStatus.unavailable
    case .error(ControlInterface.refusedError, let parameters):
      let reason = (try? parameters.decode(Refusal.self))?.reason ?? "no reason given"
      Console.complain("refused, the configuration before stays in force: \(reason)")
      return ExitStatus.configuration
    case .error("org.varlink.service.PermissionDenied", _):
      Console.complain("permission denied: only root and the daemon's own user may do this")
      return ExitStatus.unavailable
    default:
      Console.complain("\(error)")
      return ExitStatus.unavailable
    }
  }

  private struct Refusal: Decodable { var reason: String }
}
