// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Multicast
@testable import Platform

struct ReceiveLoopTests {
  @Test("the rest of a socket is read until it is empty")
  func rest() {
    var batches = [MulticastReceiver.batchSize, MulticastReceiver.batchSize, 3, MulticastReceiver.batchSize]
    ReceiveLoop.readRest(within: 3_600_000_000_000) { _ in batches.removeFirst() }
    #expect(batches == [MulticastReceiver.batchSize])
  }

  @Test("a socket that never becomes empty is read for the given time", .timeLimit(.minutes(1)))
  func endless() {
    let began = Clocks.monotonic()
    ReceiveLoop.readRest(within: 20_000_000) { _ in MulticastReceiver.batchSize }
    #expect(Clocks.monotonic() - began >= 20_000_000)
  }

  @Test("a turn ends with the batch that is read when other work is due, and reads one at least")
  func limit() {
    var loop = ReceiveLoop(receiveBuffer: 1 << 20)
    var batches = 0
    let wasEmptied = loop.turn(
      before: { 0 },
      read: { _ in
        batches += 1
        return MulticastReceiver.batchSize
      })
    #expect(!wasEmptied && batches == 1)
  }

  @Test("a turn does not rest beyond the time at which what was read brings work about")
  func news() {
    var loop = ReceiveLoop(receiveBuffer: 4 << 20)
    var due = Int64.max
    var reads = 0
    // Under load it rests after the first batch, and goes on for 20 ms.
    _ = loop.turn(
      before: { due },
      read: { now in
        reads += 1
        if reads == 3 { due = now }
        return MulticastReceiver.batchSize - 1
      })
    #expect(reads == 3)
  }
}
