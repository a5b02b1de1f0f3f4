// SPDX-License-Identifier: Apache-2.0

import Control
import Heartbeat
import Rules

private let rule = {
  let text = "when=any of a*: ups.status has OB\nwhen=temp.inlet < 30C\nuntil=any of b: peer = silent\nfor=2s"
  guard let rule = try? RuleFile.parse(Array(text.utf8), path: "fans-off.rule") else {
    preconditionFailure("no rule")
  }
  return rule
}()

/// Each line of the input is one of `journalctl --output=json`. Whatever they have, each is counted once, and
/// the rule goes from state to state.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var replay = JournalReplay([rule], own: HostName("own"))
  var state = RuleMachine.State.inactive
  var records = 0
  let input = UnsafeRawBufferPointer(start: bytes, count: count)
  for line in input.split(separator: UInt8(ascii: "\n"), maxSplits: 50) {
    guard let fields = JournalFields(UnsafeRawBufferPointer(rebasing: line)),
      case .heartbeat(let record) = fields.finding
    else { continue }
    records += 1
    for transition in replay.take(record) where !transition.isDrill {
      precondition(transition.from == state && transition.to != state)
      state = transition.to
    }
  }
  let counts = replay.counts
  precondition(
    counts.heartbeats + counts.noHeartbeats + counts.otherRecorders + counts.otherInterfaces == records)
  precondition(counts.own <= counts.heartbeats && counts.checked <= counts.heartbeats)
  return 0
}
