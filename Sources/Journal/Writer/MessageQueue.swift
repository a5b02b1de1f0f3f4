// SPDX-License-Identifier: Apache-2.0

import Monitor
import Synchronization

/// A bounded FIFO of the daemon's own messages that are to be written.
final class MessageQueue: Sendable {
  /// Messages that may wait; any more are dropped and counted.
  private static let limit = 1000

  private struct State {
    var waiting: [LogRecord] = []
    var dropped = 0
  }

  private let state = Mutex(State())

  /// Appends the entry of an event, whatever the level of logging.
  func append(_ event: JournalEvent) { append(LogRecord(EventCatalogue.entry(of: event))) }

  func append(_ record: LogRecord) {
    state.withLock { state in
      if state.waiting.count < Self.limit {
        state.waiting.append(record)
      } else {
        state.dropped += 1
      }
    }
  }

  /// The oldest message, which stays until `removeFirst`.
  var first: LogRecord? { state.withLock { $0.waiting.first } }

  /// Removes the oldest message. When it was the last one, a message with the number of dropped ones follows.
  func removeFirst() {
    state.withLock { state in
      state.waiting.removeFirst()
      guard state.waiting.isEmpty, state.dropped > 0 else { return }
      state.waiting.append(LogRecord(EventCatalogue.entry(of: .messagesLost(state.dropped))))
      state.dropped = 0
    }
  }
}
