// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Where entries go: the journal's socket, or two streams that people read.
package enum Output {
  case journal(JournalSocket)
  /// Received datagrams on standard output, the daemon's own messages on standard error.
  case console

  /// The journal when standard error leads there, as under systemd; otherwise the console.
  ///
  /// - Throws: `JournalError` when there is no socket to be had.
  package static func detect() throws(JournalError) -> Output {
    guard JournalStream.standardErrorIsJournal() else { return .console }
    return .journal(try JournalSocket())
  }

  package var datagramForm: DatagramEntry.Form {
    switch self {
    case .journal: .journal
    case .console: .line
    }
  }

  /// Waits until what was written has been dealt with: nothing to do for a stream.
  package func settle(within timeout: Duration) {
    if case .journal(let socket) = self { socket.settle(within: timeout) }
  }

  /// One of the daemon's own messages, ready to be written.
  func serialise(_ record: LogRecord) -> [UInt8] {
    switch self {
    case .journal: record.journalEntry(identifier: Program.identifier)
    case .console: Array((record.consoleLine + "\n").utf8)
    }
  }

  package func write(datagrams: UnsafeBufferPointer<iovec>) -> JournalSocket.Result {
    switch self {
    case .journal(let socket): socket.send(datagrams)
    case .console: Self.write(datagrams, to: STDOUT_FILENO)
    }
  }

  package func write(messages: UnsafeBufferPointer<iovec>) -> JournalSocket.Result {
    switch self {
    case .journal(let socket): socket.send(messages)
    case .console: Self.write(messages, to: STDERR_FILENO)
    }
  }

  /// A line goes out only when the stream takes it at once, so that a pipe that nobody reads holds up no shutdown:
  /// poll(2) says so of a pipe when it has room for 4096 bytes (PIPE_BUF), and no line is longer.
  private static func write(_ lines: UnsafeBufferPointer<iovec>, to descriptor: Int32) -> JournalSocket.Result
  {
    for (index, line) in lines.enumerated() {
      var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&stream, 1, 0) > 0 else { return JournalSocket.Result(taken: index, outcome: .busy) }
      let failure = Console.write(
        UnsafeRawBufferPointer(start: line.iov_base, count: line.iov_len), to: descriptor)
      if failure != 0 {
        if descriptor == STDOUT_FILENO { Console.note(failure: failure) }
        return JournalSocket.Result(taken: index, outcome: .refused(errno: failure))
      }
    }
    return JournalSocket.Result(taken: lines.count, outcome: .all)
  }
}
