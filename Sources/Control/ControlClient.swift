// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Platform
import Varlink

/// The commands that call a running daemon: `status`, `peers`, `readings`, `rules`, `set`, `unset`,
/// `monitor`, `metrics` and `reload`.
package enum ControlClient {
  /// Timeout of a call, and of connecting. A sound daemon answers within milliseconds.
  package static let timeout = Duration.seconds(5)
  /// Timeout of a reload, in which the daemon resolves interfaces and joins.
  private static let reloadTimeout = Duration.seconds(60)

  /// `mcastd status [--json]`.
  ///
  /// - Returns: the exit status.
  package static func printStatus(path: String, json: Bool) -> Int32 {
    print(path, .getStatus, as: StatusReply.self, json: json) { $0.text() }
  }

  /// `mcastd peers [--json] [--check]`.
  ///
  /// - Parameter check: prints one line for monitoring, and returns its exit status.
  /// - Returns: the exit status.
  package static func printPeers(path: String, json: Bool, check: Bool) -> Int32 {
    print(
      path, .listPeers, as: PeersReply.self, json: json, arranged: { $0.sorted() },
      status: { check ? $0.checkStatus : ExitStatus.success },
      text: { check ? $0.checkText() : $0.text() })
  }

  /// `mcastd peers --explain PEER [--json]`.
  ///
  /// - Parameter peer: A name or an address.
  /// - Returns: the exit status.
  package static func explain(_ peer: String, path: String, json: Bool) -> Int32 {
    print(
      path, .explainPeer, ControlInterface.ExplainParameters(peer: peer), as: ExplainReply.self, json: json
    ) { $0.text() }
  }

  /// `mcastd readings [--json] [HOST…]`.
  ///
  /// - Returns: the exit status.
  package static func printReadings(of hosts: [String], path: String, json: Bool) -> Int32 {
    print(
      path, .listReadings, ControlInterface.ListReadingsParameters(hosts: hosts), as: ReadingsReply.self,
      json: json, arranged: { $0.sorted() }, text: { $0.text(of: hosts) })
  }

  /// `mcastd rules`.
  ///
  /// - Returns: the exit status.
  package static func printRules(path: String, json: Bool) -> Int32 {
    print(path, .listRules, as: RulesReply.self, json: json, arranged: { $0.sorted() }, text: \.text)
  }

  /// `mcastd set KEY=VALUE…`.
  ///
  /// - Parameters:
  ///   - duration: How long they hold; nil until they are unset.
  ///   - isDrill: Whether they are for practice.
  /// - Returns: the exit status.
  package static func set(
    _ readings: [ControlInterface.NewReading], for duration: Duration?, isDrill: Bool, path: String
  ) -> Int32 {
    change(
      .setReadings,
      ControlInterface.SetReadingsParameters(
        readings: readings, forUsec: duration.map { $0.nanoseconds / 1000 }, test: isDrill),
      path: path)
  }

  /// `mcastd unset KEY…`.
  ///
  /// - Returns: the exit status.
  package static func unset(_ keys: [String], isDrill: Bool, path: String) -> Int32 {
    change(
      .unsetReadings, ControlInterface.UnsetReadingsParameters(keys: keys, test: isDrill), path: path)
  }

  private static func change(
    _ method: ControlInterface.Method, _ parameters: some Encodable, path: String
  ) -> Int32 {
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path, timeout: timeout)
      let reply = try client.call(
        method.qualifiedName, parameters: parameters, reply: SetReadingsReply.self, timeout: timeout)
      for warning in reply.warnings { Console.printError("warning: \(warning)") }
      return ExitStatus.success
    } catch {
      return report(error, path: path)
    }
  }

  /// `mcastd monitor [--json]`, until a signal ends the process or nobody reads its output.
  ///
  /// - Returns: the exit status.
  package static func monitor(path: String, json: Bool) -> Int32 {
    Signals.ignoreBrokenPipes()
    Signals.endSuccessfully()
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path, timeout: timeout)
      try client.stream(
        ControlInterface.Method.monitor.qualifiedName, reply: MonitorReply.self, timeout: timeout,
        interrupt: pipe
      ) { reply in
        let line = json ? "\(ConsoleText(json: encoded(reply, [])))\n" : reply.text
        if let line { Console.print(line) }
        return !Console.isBroken
      }
      return ExitStatus.success
    } catch {
      return report(error, path: path)
    }
  }

  /// Standard output if it is a pipe, whose descriptor is never readable but hangs up with its reader:
  /// `mcastd monitor | grep --max-count=1 peer-silent` ends at once.
  private static var pipe: Int32? {
    var status = stat()
    guard fstat(STDOUT_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
    return STDOUT_FILENO
  }

  /// `mcastd reload [--environment]`.
  ///
  /// - Returns: the exit status.
  package static func reload(path: String, environment: [String: String]?) -> Int32 {
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path, timeout: timeout)
      let parameters = ControlInterface.ReloadParameters(environment: environment)
      let reply = try client.call(
        ControlInterface.Method.reload.qualifiedName, parameters: parameters, reply: ReloadReply.self,
        timeout: reloadTimeout)
      Console.print(reply.text())
      for warning in reply.warnings { Console.printError("warning: \(warning)") }
      return ExitStatus.success
    } catch {
      return report(error, path: path)
    }
  }

  /// Calls a method and prints its reply, for people or as JSON.
  ///
  /// - Parameters:
  ///   - parameters: of the call.
  ///   - arranged: sorts the reply for printing.
  ///   - status: the exit status that the reply stands for.
  private static func print<Reply: Codable>(
    _ path: String, _ method: ControlInterface.Method,
    _ parameters: some Encodable = NoParameters(), as type: Reply.Type, json: Bool,
    arranged: (Reply) -> Reply = { $0 }, status: (Reply) -> Int32 = { _ in ExitStatus.success },
    text: (Reply) -> ConsoleText
  ) -> Int32 {
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path, timeout: timeout)
      let reply = arranged(
        try client.call(method.qualifiedName, parameters: parameters, reply: type, timeout: timeout))
      Console.print(json ? "\(ConsoleText(json: encoded(reply)))\n" : text(reply))
      return status(reply)
    } catch {
      return report(error, path: path)
    }
  }

  /// The reply to a call; nil where no daemon answers as it should.
  ///
  /// - Parameter timeout: of connecting, and of the call.
  package static func ask<Reply: Codable>(
    _ method: ControlInterface.Method, _ parameters: some Encodable = NoParameters(), as type: Reply.Type,
    path: String, timeout: Duration = timeout
  ) -> Reply? {
    guard let client = try? VarlinkClient.connect(path, timeout: timeout) else { return nil }
    return try? client.call(method.qualifiedName, parameters: parameters, reply: type, timeout: timeout)
  }

  private static func encoded(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting = .prettyPrinted
  ) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    // A value that was decoded from JSON has JSON.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  static func report(_ error: VarlinkClientError, path: String) -> Int32 {
    switch error {
    case .noDaemon:
      let unit = ControlSocket.unit(at: path)
      let start: ConsoleText =
        if let unit { "Start it with `systemctl start \(unit)`, or name" } else { "Name" }
      Console.printError("no daemon listens at \(path). \(start) another with --instance or --control.")
      return ExitStatus.unavailable
    case .timedOut:
      let see: ConsoleText =
        if let unit = ControlSocket.unit(at: path) { " See `systemctl status \(unit)`." } else { "" }
      Console.printError(
        "the daemon at \(path) does not answer: it hangs, is stopped, or is overloaded.\(see)")
      return ExitStatus.unavailable
    case .system(_, _, EACCES), .system(_, _, EPERM):
      Console.printError("permission denied: \(error)")
      return ExitStatus.notPermitted
    case .error(ControlInterface.Failure.configurationRefused.qualifiedName, let parameters):
      Console.printError("refused, the configuration before stays in force: \(reason(in: parameters))")
      return ExitStatus.configuration
    case .error(ControlInterface.Failure.noSuchPeer.qualifiedName, let parameters):
      Console.printError("\(reason(in: parameters)). `mcastd peers` shows all.")
      return ExitStatus.negative
    case .error(ControlInterface.Failure.readingRefused.qualifiedName, let parameters):
      Console.printError("refused: \(reason(in: parameters))")
      return ExitStatus.unavailable
    case .error(ControlInterface.Failure.busy.qualifiedName, let parameters):
      Console.printError(
        "the daemon is busy: \(reason(in: parameters)). Try again, or end other programs that call it.")
      return ExitStatus.unavailable
    case .error(ControlInterface.Failure.replyTooLong.qualifiedName, let parameters):
      Console.printError("the daemon cannot answer: \(reason(in: parameters)).")
      return ExitStatus.unavailable
    case .error(ControlInterface.Failure.overrun.qualifiedName, _):
      Console.printError(
        "events came faster than they were read here, and some are missed. Run it again for a new snapshot.")
      return ExitStatus.unavailable
    case .closed:
      Console.printError("the daemon at \(path) has stopped, or closed the connection.")
      return ExitStatus.unavailable
    case .error(VarlinkError.permissionDenied.name, _):
      Console.printError(
        "permission denied: only root and the daemon's own user may do this, and its group may set readings")
      return ExitStatus.notPermitted
    default:
      Console.printError("\(error)")
      return ExitStatus.unavailable
    }
  }

  private static func reason(in parameters: VarlinkParameters) -> String {
    (try? parameters.decode(ControlInterface.Failure.Parameters.self))?.reason ?? "no reason given"
  }
}
