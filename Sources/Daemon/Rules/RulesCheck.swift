// SPDX-License-Identifier: Apache-2.0

import Control
import Dispatch
import Platform
import Rules
import Settings
import Synchronization
import Systemd

/// What `mcastd check` finds of the rules.
package enum RulesCheck {
  /// Longest wait for systemd.
  private static let patience: DispatchTimeInterval = .seconds(5)

  /// - Parameters:
  ///   - control: The control socket of the daemon, which is asked for hosts, if it runs.
  ///   - instance: NAME of `mcastd@NAME.service`; nil for `mcastd.service`.
  /// - Returns: Why rules are not in force, and what is likely not meant so.
  package static func run(
    _ settings: Settings, control: String, instance: String?
  ) -> (errors: [String], warnings: [String]) {
    let files = RuleFiles(settings)
    var warnings: [String] = []
    if !files.rules.isEmpty {
      let readings = ControlClient.ask(.listReadings, as: ReadingsReply.self, path: control)
      let peers = ControlClient.ask(.listPeers, as: PeersReply.self, path: control)
      if let readings, let peers {
        let doubts = RuleDoubts(readings: readings.readings, peers: peers.peers, own: settings.name.name)
        warnings += doubts.texts(of: files.rules)
      } else {
        warnings.append("no daemon answers, so that it is not known whether the hosts of rules are there")
      }
      warnings += targets(files.rules, instance: instance)
    }
    return (files.faults.map { "\($0)" }, warnings)
  }

  /// States for which nothing is done.
  private static func targets(_ rules: [Rule], instance: String?) -> [String] {
    let states = Set(rules.filter { !$0.isDryRun }.map(\.state)).sorted()
    let control = UnitControl()
    let found = Mutex<[String]>([])
    let end = DispatchSemaphore(value: 0)
    Task(executorPreference: control.executor) {
      for state in states {
        guard let text = await doubt(of: state, instance, control) else { continue }
        found.withLock { $0.append(text) }
      }
      end.signal()
    }
    _ = end.wait(timeout: .now() + patience)
    return found.withLock { $0 }
  }

  private static func doubt(
    of state: RuleName, _ instance: String?, _ control: UnitControl
  ) async -> String? {
    do {
      let unit = try StateUnit(state: state.text, instance: instance)
      let target = try await control.state(of: unit)
      if target.loadState == "masked" { return "\(unit) is masked: nothing is done when it is entered" }
      guard target.wanted.isEmpty else { return nil }
      return "no unit is enabled for the state \(state): nothing is done when it is entered. A unit with "
        + "WantedBy=\(unit), enabled, is"
    } catch let error as StateUnit.Unusable {
      return "the state \(state) has a file only: \(error)"
    } catch {
      // Without systemd there are the files.
      return nil
    }
  }
}
