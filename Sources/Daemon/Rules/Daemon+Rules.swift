// SPDX-License-Identifier: Apache-2.0

import Platform
import Rules
import Settings

/// The rules of `rules.directory`.
extension Daemon {
  /// Reads the files anew, and has their rules in force.
  ///
  /// - Parameter isStart: Whether states may be entered already.
  func followRules(isStart: Bool = false) async {
    let files = RuleFiles(settings)
    let paths = Set(files.faults.map(\.path))
    for path in Set(ruleFiles.faults.map(\.path)).subtracting(paths).sorted() {
      events.report(.rule(.mended(path: path)))
    }
    for fault in files.faults where !ruleFiles.faults.contains(fault) {
      events.report(.rule(.leftOut(fault)))
    }
    ruleFiles = files
    let names = Set(files.rules.map(\.state))
    let entered = isStart ? await states.adopt(Set(names.map(\.text))) : nil
    states.follow(Set(names.map(\.text)))
    await subscriber.setRules(
      files.rules, entered: entered.map { entered in names.filter { entered[$0.text] == true } })
  }
}
