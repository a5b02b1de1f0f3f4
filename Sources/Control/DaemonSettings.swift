// SPDX-License-Identifier: Apache-2.0

import Platform
import Settings
import Varlink

/// The settings of a running daemon, for commands that act in its place. A variable that a drop-in of its
/// unit sets is in the daemon's environment only.
package enum DaemonSettings {
  /// What a command needs the settings for.
  package enum Purpose: Sendable {
    /// To act as the daemon does (`watch`, `doctor`): all values in force, and no file.
    case inForce
    /// To see what a reload would find (`check`): the daemon's command line and environment, and its files
    /// read anew.
    case anew
  }

  /// The daemon's sources where a daemon answers and nothing is set for this process itself. Says so on
  /// standard error.
  ///
  /// - Parameters:
  ///   - own: what is set for this process; used as it is where it sets anything.
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
      Console.printError("warning: the daemon's settings are not known, the files' are used: \(error)")
      return fallback
    }
    Console.printError("with the settings of the running daemon (\(path))")
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
