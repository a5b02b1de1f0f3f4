// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Platform
import Systemd

/// `mcastd-mqtt run` and `check`.
package enum BridgeService {
  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Parameters:
  ///   - config: The file; nil for the standard one.
  ///   - control: Path of the daemon's control socket.
  /// - Returns: The exit status.
  package static func run(config: String?, control: String) -> Int32 {
    Signals.service.block()
    Signals.ignoreBrokenPipes()
    guard let (configuration, login) = load(config) else { return ExitStatus.configuration }
    let core = BridgeCore(configuration)
    let exit = ExitSignal()
    let supervisor = BridgeSupervisor(core)
    DispatchQueue(label: "mcastd-mqtt.daemon").async { DaemonFollower(core: core, path: control).run() }
    DispatchQueue(label: "mcastd-mqtt.imports").async { ReadingSetter(core: core, path: control).run() }
    DispatchQueue(label: "mcastd-mqtt.broker").async {
      var session = BrokerSession(
        core: core, login: login, client: clientIdentifier(site: configuration.site, control: control))
      session.run()
      exit.end(ExitStatus.success)
    }
    let queue = DispatchQueue(label: "mcastd-mqtt.supervisor")
    let sources = Signals.service.sources(on: queue) { signal in
      // A changed mqtt.conf takes a restart, which costs nothing: values outlast it.
      if signal != SIGHUP { supervisor.stop() }
    }
    supervisor.start(on: queue)
    return withExtendedLifetime(sources) { exit.wait() }
  }

  /// Prints what mqtt.conf and the credentials say, or all that is wrong with them.
  ///
  /// - Returns: The exit status.
  package static func check(config: String?) -> Int32 {
    guard let (configuration, login) = load(config) else { return ExitStatus.configuration }
    Console.print("broker \(configuration.broker), \(configuration.isEncrypted ? "TLS" : "not encrypted")\n")
    Console.print(
      "\(login.hasUser ? "with" : "without") a user, \(login.hasPassword ? "with" : "without") a password\n")
    Console.print("topics mcastd/\(configuration.site)/…\n")
    for line in configuration.imports { Console.print("import \(line.topic) as \(line.key)\n") }
    return ExitStatus.success
  }

  /// - Returns: Nil where something is wrong, which was printed then.
  private static func load(_ path: String?) -> (BridgeConfiguration, BrokerLogin)? {
    let reader = ConfigurationReader(path: path)
    var faults = reader.faults
    var login: BrokerLogin?
    do throws(BridgeFault) {
      login = try BrokerLogin(configured: reader.configuration.user)
    } catch {
      faults.append(error)
    }
    for fault in faults { BridgeLog.write(.error, "\(fault)") }
    guard faults.isEmpty, let login else { return nil }
    return (reader.configuration, login)
  }

  /// The same at each start, so that the broker knows a successor and ends what a predecessor left; another
  /// for each bridge of a machine, and nothing of its machine-id.
  private static func clientIdentifier(site: String, control: String) -> String {
    var hash = StableHash()
    hash.mix(MachineIdentity.bridge() ?? Array("\(getpid())".utf8))
    hash.mix(site.utf8)
    hash.mix(control.utf8)
    return "mcastd-mqtt-" + Escape.hexadecimal(UInt32(truncatingIfNeeded: hash.avalanched), digits: 8)
  }
}
