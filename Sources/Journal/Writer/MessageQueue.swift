// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The daemon's own messages on their way to the journal: bounded, first in, first out.
final class MessageQueue: Sendable {
  /// Messages that may wait; beyond that they are counted.
  private static let limit = 1000

  private struct State {
    var waiting: [LogRecord] = []
    var dropped = 0
  }

  private let state = Mutex(State())

  func append(_ record: LogRecord) {
    state.withLock { state in
      if state.waiting.count < Self.limit {
        state.waiting.append(record)
      } else {
        state.dropped += 1
      }
    }
  }

  /// The oldest message; it stays until `removeFirst`.
  var first: LogRecord? { state.withLock { $0.waiting.first } }

  /// Removes the oldest message. After the last one comes another that says how many there was no room for.
  func removeFirst() {
    state.withLock { state in
      state.waiting.removeFirst()
      guard state.waiting.isEmpty, state.dropped > 0 else { return }
      state.waiting.append(
        LogRecord(.warning, "\(state.dropped) messages of mcastd were lost while the journal was stalled"))
      state.dropped = 0
    }
  }
}
