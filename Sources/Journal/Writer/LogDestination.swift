// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Where entries go: the journal's socket, or standard output and standard error.
package enum LogDestination {
  case journal(JournalSocket)
  /// Received datagrams to standard output, the daemon's own messages to standard error.
  case console

  /// The journal when standard error is connected to it, as under systemd; otherwise the console.
  ///
  /// - Throws: `JournalError` when no socket can be made.
  package static func detect() throws(JournalError) -> LogDestination {
    guard JournalStream.standardErrorIsJournal() else { return .console }
    return .journal(try JournalSocket())
  }

  package var datagramForm: DatagramEntry.Form {
    switch self {
    case .journal: .journal
    case .console: .line
    }
  }

  /// Waits until journald has processed what was written (`JournalSocket.settle`). Not for streams.
  func settle(within timeout: Duration) {
    if case .journal(let socket) = self { socket.settle(within: timeout) }
  }

  /// The bytes to be written for a message.
  func serialise(_ record: LogRecord) -> [UInt8] {
    switch self {
    case .journal: record.journalEntry
    case .console: Array((record.consoleLine + "\n").utf8)
    }
  }

  func write(datagrams: UnsafeBufferPointer<iovec>) -> JournalSocket.Result {
    switch self {
    case .journal(let socket): socket.send(datagrams)
    case .console: Self.write(datagrams, to: STDOUT_FILENO)
    }
  }

  func write(messages: UnsafeBufferPointer<iovec>) -> JournalSocket.Result {
    switch self {
    case .journal(let socket): socket.send(messages)
    case .console: Self.write(messages, to: STDERR_FILENO)
    }
  }

  /// Writes only while poll(2) reports room, so that a pipe without a reader cannot block shutdown: a pipe is
  /// writable when it has room for PIPE_BUF (4096) bytes, pipe(7), and no line is longer.
  private static func write(_ lines: UnsafeBufferPointer<iovec>, to descriptor: Int32) -> JournalSocket.Result
  {
    for (index, line) in lines.enumerated() {
      var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&stream, 1, 0) > 0 else { return JournalSocket.Result(taken: index, outcome: .busy) }
      let failure = FileContents.write(
        UnsafeRawBufferPointer(start: line.iov_base, count: line.iov_len), to: descriptor)
      if failure != 0 {
        if descriptor == STDOUT_FILENO { Console.note(failure: failure) }
        return JournalSocket.Result(taken: index, outcome: .refused)
      }
    }
    return JournalSocket.Result(taken: lines.count, outcome: .all)
  }
}

/// Whether a standard stream is connected to the journal, by $JOURNAL_STREAM; systemd.exec(5).
package enum JournalStream {
  /// False when standard error was redirected after systemd connected it to the journal.
  package static func standardErrorIsJournal() -> Bool {
    leadsToJournal(STDERR_FILENO, variable: getenv("JOURNAL_STREAM").map { String(cString: $0) })
  }

  /// - Parameter variable: the value of JOURNAL_STREAM: device and inode in decimal, separated by a colon.
  package static func leadsToJournal(_ descriptor: Int32, variable: String?) -> Bool {
    guard let parts = variable?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
      let device = UInt64(parts[0]), let inode = UInt64(parts[1])
    else { return false }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
  }
}
