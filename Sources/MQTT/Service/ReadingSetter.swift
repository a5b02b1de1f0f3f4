// SPDX-License-Identifier: Apache-2.0

import Control
import Glibc
import Platform
import Varlink

/// Has the daemon say what was imported, by `io.mcastd.SetReadings`, on a thread of its own.
struct ReadingSetter: Sendable {
  private static let timeout = Duration.seconds(5)

  let core: BridgeCore
  /// Of the control socket.
  let path: String

  /// Runs until the bridge stops.
  func run() {
    var told: String?
    while !core.isStopping {
      let (settings, messages, next) = core.imports { table in
        let settings = table.due(at: Clocks.monotonic())
        return (settings, table.takeMessages(), table.next)
      }
      for message in messages { BridgeLog.write(.warning, message) }
      core.isAlive(.imports)
      for setting in settings {
        let failure = set(setting)
        core.isAlive(.imports)
        if failure != nil { core.imports { $0.failed(setting, at: Clocks.monotonic()) } }
        note(failure, of: setting, &told)
      }
      let left = next.map { max(0, $0 - Clocks.monotonic()) } ?? 1_000_000_000
      if settings.isEmpty { core.waitForImports(atMost: .nanoseconds(min(left, 1_000_000_000))) }
    }
  }

  /// - Returns: Why it was not taken; nil where it was.
  private func set(_ setting: ImportTable.Setting) -> String? {
    do throws(VarlinkClientError) {
      let client = try VarlinkClient.connect(path, timeout: Self.timeout)
      _ = try client.call(
        ControlInterface.Method.setReadings.qualifiedName,
        parameters: ControlInterface.SetReadingsParameters(
          readings: [ControlInterface.NewReading(key: setting.key.text, value: setting.value.text)],
          forUsec: setting.forUsec, test: nil),
        reply: SetReadingsReply.self, timeout: Self.timeout)
      return nil
    } catch .error(VarlinkError.permissionDenied.name, _) {
      return "not permitted: the bridge must be in the daemon's group (SupplementaryGroups=mcastd)"
    } catch {
      return "\(error)"
    }
  }

  /// Tells of a change, not of each attempt.
  private func note(_ failure: String?, of setting: ImportTable.Setting, _ told: inout String?) {
    guard told != failure else { return }
    told = failure
    if let failure {
      BridgeLog.write(.warning, "\(setting.key) cannot be set: \(failure). It is tried again.")
    } else {
      BridgeLog.write(.info, "what is imported is set again")
    }
  }
}
