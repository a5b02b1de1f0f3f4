// SPDX-License-Identifier: Apache-2.0

import Rules

/// Whatever the file of a rule has: errors name places that are there, and the text of each condition is that
/// condition again.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let file = Array(UnsafeBufferPointer(start: bytes, count: count))
  do throws(RuleFileError) {
    let rule = try RuleFile.parse(file, path: "fans-off.rule")
    precondition(!rule.when.isEmpty && rule.holdsFor >= 0 && rule.releasesFor >= 0 && rule.holdFor >= 0)
    precondition(rule.flipLimit.count > 1 && rule.flipLimit.span > 0)
    for condition in rule.conditions {
      guard let again = try? RuleFile.parse(Array("when=\(condition.text)".utf8), path: "a.rule") else {
        preconditionFailure("\(condition.text) is no condition")
      }
      precondition(again.when == [condition], condition.text)
    }
  } catch {
    let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    precondition(!error.faults.isEmpty)
    for fault in error.faults {
      precondition((0...lines.count).contains(fault.line), "\(fault)")
      precondition(!fault.problem.isEmpty && !fault.problem.contains("\n"))
      guard fault.line > 0 else { continue }
      precondition((0...lines[fault.line - 1].count + 1).contains(fault.column), "\(fault)")
    }
  }
  return 0
}
