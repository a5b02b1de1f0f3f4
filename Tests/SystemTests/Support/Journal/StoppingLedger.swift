// SPDX-License-Identifier: Apache-2.0

/// The ledger in the entry that the daemon leaves when it stops.
struct StoppingLedger {
  let received: Int
  let logged: Int
  let summarised: Int
  let queued: Int

  init?(_ entry: JournalEntry) {
    let form = /(\d+) received = (\d+) logged \+ (\d+) summarised \+ (\d+) queued/
    guard
      let found = entry.message.firstMatch(of: form), let received = Int(found.1), let logged = Int(found.2),
      let summarised = Int(found.3), let queued = Int(found.4)
    else { return nil }
    (self.received, self.logged, self.summarised, self.queued) = (received, logged, summarised, queued)
  }
}
