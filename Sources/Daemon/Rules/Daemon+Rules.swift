// SPDX-License-Identifier: Apache-2.0

import Platform
import Rules
import Settings

/// The rules of `rules.directory`.
extension Daemon {
  /// Reads the files anew, and has their rules in force.
  ///
  /// - Returns: Why some are not.
  @discardableResult
  func followRules() async -> [RuleFault] {
    let files = RuleFiles(settings)
    let paths = Set(files.faults.map(\.path))
    for path in Set(ruleFaults.map(\.path)).subtracting(paths).sorted() {
      events.report(.rule(.mended(path: path)))
    }
    for fault in files.faults where !ruleFaults.contains(fault) { events.report(.rule(.leftOut(fault))) }
    ruleFaults = files.faults
    await subscriber.setRules(files.rules)
    return files.faults
  }
}
