// SPDX-License-Identifier: Apache-2.0

/// The MESSAGE_IDs that tests look for, written out once more on purpose: they are promised to operators,
/// and a change in the daemon must fail here.
enum EventID {
  static let started = "7e633452a0bb45439d575e89acba2bc3"
  static let stopping = "c518014f6ea6475ba3f44578cc438e46"
  static let configurationApplied = "5656059b6cd1491bb29218cd8a64c0ea"
  static let configurationRefused = "f37d11fa130d4600833b95e7ed63b8b2"
  static let kernelDrops = "bd04f5635e014f9ea31552d1eab43441"
  static let summarised = "43c6e8b02f2d4edb8ec42569736454f5"
  static let sendFailing = "00c1e3987fca4e7faf1867ac975e26ce"
  static let sendRecovered = "ed623c098c954f1dbd3bbf63139627f4"
  static let journalStalled = "a97610b9a91a48d8940d957268752619"
  static let received = "d344a5587e464832b8136e8ae97dfc82"
}

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
