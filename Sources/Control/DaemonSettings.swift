// SPDX-License-Identifier: Apache-2.0

import Platform
import Settings
import Varlink

/// The settings of a running daemon, for commands that should see what it sees: the group that a drop-in of
/// its unit sets is in nobody else's environment.
package enum DaemonSettings {
  /// What the settings are for.
  package enum Purpose: Sendable {
    /// Doing as the daemon does: all that it has in force, and nothing else.
    case inForce
    /// Judging its configuration as a reload would find it: what its command line and environment say, and
    /// its files read anew.
    case anew
  }

  /// The sources in the sense of `purpose`, where nothing is set for this process itself and a daemon
  /// answers; says so on standard error.
  ///
  /// - Parameters:
  ///   - own: what is set for this process.
  ///   - path: the daemon's control socket.
  ///   - fallback: the sources where no daemon answers.
  package static func sources(
    own: SettingsSources, path: String, fallback: SettingsSources, purpose: Purpose
  ) -> SettingsSources {
    guard !own.hasOwnSettings else { return own }
    let reply: StatusReply
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path, timeout: ControlClient.timeout)
      reply = try client.call(
        ControlInterface.Method.getStatus.qualifiedName, reply: StatusReply.self,
        timeout: ControlClient.timeout)
    } catch .noDaemon {
      return fallback
    } catch {
      Console.complain("warning: the daemon's settings are not known, the files' are used: \(error)")
      return fallback
    }
    Console.complain("with the settings of the running daemon (\(path))")
    return sources(of: reply, purpose)
  }

  private static func sources(of reply: StatusReply, _ purpose: Purpose) -> SettingsSources {
    var sources = SettingsSources(standardFile: purpose == .anew ? reply.config : nil)
    for (name, setting) in reply.settings {
      guard let key = Key(rawValue: name), isAdopted(setting, purpose) else { continue }
      sources.adopted[key] = .init(value: setting.value, origin: setting.origin)
    }
    return sources
  }

  private static func isAdopted(_ setting: StatusReply.Setting, _ purpose: Purpose) -> Bool {
    switch Origin.Kind(rawValue: setting.source) {
    case .commandLine, .environment, .daemon: true
    case .file: purpose == .inForce
    case .default, nil: false
    }
  }
}
