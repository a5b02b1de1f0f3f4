// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon

@Suite("What is to be tried again")
struct RetryQueueTests {
  @Test("each is taken in its turn, though all of them fail each time")
  func turns() {
    var queue = RetryQueue<Int>()
    for number in 0..<250 { queue.insert(number) }
    var taken: [Int] = []
    for _ in 0..<5 {
      let some = queue.take(100)
      taken += some
      for number in some { queue.insert(number) }
    }
    #expect(taken == Array(0..<250) + Array(0..<250))
  }

  @Test("what succeeded otherwise is not tried, and what failed again waits behind the others")
  func order() {
    var queue = RetryQueue<Int>()
    for number in [1, 2, 3, 2, 4] { queue.insert(number) }
    queue.remove(2)
    queue.remove(3)
    queue.insert(3)
    #expect(queue.count == 3 && !queue.contains(2) && queue.elements == [1, 3, 4])
    #expect(Set(queue.take(10)) == [1, 3, 4] && queue.isEmpty && queue.take(10).isEmpty)
  }
}
