// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Journal

struct LedgerTests {
  @Test(
    "after every step, received is logged and summarised and queued", arguments: 1...5 as ClosedRange<UInt64>)
  func identity(seed: UInt64) {
    var random = SeededRandom(testSeed: seed)
    var ledger = Ledger()
    var received: UInt64 = 0
    for _ in 0..<10_000 {
      switch random.below(5) {
      case 0, 1:
        var batch = Ledger.Batch()
        batch.queued = UInt64(random.below(64))
        batch.summarised = UInt64(random.below(64))
        batch.truncated = UInt64(random.below(3))
        batch.foreign = UInt64(random.below(3))
        received += batch.queued + batch.summarised
        ledger.receive(batch)
      case 2: ledger.log(random.below(Int(ledger.queued) + 1))
      case 3: ledger.giveUp(random.below(Int(ledger.queued) + 1))
      default:
        ledger.drop(UInt64(random.below(10)))
        ledger.send(succeeded: random.chance(0.5))
      }
      #expect(ledger.received == received)
      #expect(ledger.addsUp)
    }
    ledger.log(Int(ledger.queued))
    #expect(ledger.queued == 0 && ledger.addsUp)
  }

  @Test("each step counts where it should")
  func steps() {
    var ledger = Ledger()
    var batch = Ledger.Batch()
    batch.queued = 10
    batch.summarised = 3
    batch.truncated = 2
    batch.foreign = 4
    batch.unauthenticated = 7
    batch.replayed = 8
    #expect(batch.received == 13)
    ledger.receive(batch)
    ledger.log(6)
    ledger.giveUp(1)
    ledger.drop(5)
    ledger.send(succeeded: true)
    ledger.send(succeeded: true)
    ledger.send(succeeded: false)
    let counts = Dictionary(uniqueKeysWithValues: ledger.counts.map { ($0.name, $0.value) })
    #expect(
      counts == [
        "received": 13, "logged": 6, "summarised": 4, "queued": 3, "kernelDropped": 5, "truncated": 2,
        "foreign": 4, "unauthenticated": 7, "replayed": 8, "sent": 2, "sendFailed": 1,
      ])
    #expect(
      "\(ledger)"
        == "13 received = 6 logged + 4 summarised + 3 queued; 5 dropped by the kernel, 2 truncated, 4 foreign, "
        + "7 unauthenticated, 8 replayed; "
        + "2 sent, 1 not sent")
  }

  @Test("every snapshot adds up while two loops update the ledger")
  func concurrency() {
    let ledger = SharedLedger()
    let faults = Atomic(0)
    let batches = 20_000
    DispatchQueue.concurrentPerform(iterations: 3) { role in
      for _ in 0..<batches {
        switch role {
        case 0:
          ledger.update {
            var batch = Ledger.Batch()
            batch.queued = 3
            batch.summarised = 1
            $0.receive(batch)
          }
        case 1:
          ledger.update {
            if $0.queued > 1 {
              $0.log(1)
              $0.giveUp(1)
            }
          }
        default:
          if !ledger.snapshot.addsUp { faults.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(faults.load(ordering: .relaxed) == 0)
    #expect(ledger.snapshot.received == UInt64(4 * batches))
    #expect(ledger.snapshot.summarised == UInt64(batches) + ledger.snapshot.logged)
  }
}

extension Ledger {
  var addsUp: Bool { received == logged + summarised + queued }
}
