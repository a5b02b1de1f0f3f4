// SPDX-License-Identifier: Apache-2.0

/// Where the program's own messages go: the journal's writer, or a console.
package protocol LogSink: Sendable {
  /// Takes a record, from any thread. Must never block, nor log.
  func record(_ record: LogRecord)
}
