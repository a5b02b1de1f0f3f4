// SPDX-License-Identifier: Apache-2.0

import Control
import Monitor
import Platform
import Synchronization
import Varlink

/// Events as replies to the callers of `io.mcastd.Monitor`, each encoded once, on a queue of its own. Who
/// reports an event never waits, and without a caller it costs a flag.
package actor EventStream {
  nonisolated let executor = QueueExecutor(label: "mcastd.events")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Events that wait to be encoded. Where that takes too long all callers have missed some.
  private static let longest = 4096
  /// Replies after which callers are given time to read: one event may be thousands of them.
  private static let slice = 256
  /// How long, in ms, at most. A caller that does not read is too slow after ten such rests, for which
  /// `longest` has room.
  private static let longestRest = 20

  private struct Mailbox {
    var hasCallers = false
    var waiting: [(event: Event, realtime: Int64)] = []
    var isOverrun = false
    /// `deliver` runs, or is about to.
    var isDelivering = false
  }

  private let mailbox = Mutex(Mailbox())
  private var callers: [Caller] = []

  package init() {}

  /// Takes an event from any thread.
  nonisolated func take(_ event: Event) {
    let isFirst = mailbox.withLock { mailbox in
      guard mailbox.hasCallers, !mailbox.isOverrun else { return false }
      if mailbox.waiting.count < Self.longest {
        mailbox.waiting.append((event, Clocks.realtime()))
      } else {
        mailbox.isOverrun = true
      }
      defer { mailbox.isDelivering = true }
      return !mailbox.isDelivering
    }
    if isFirst { Task(executorPreference: executor) { await self.deliver() } }
  }

  /// Returns when all events taken so far are replies.
  func settle() async {
    while mailbox.withLock({ $0.isDelivering }) { await executor.pause(milliseconds: 1) }
  }

  private func deliver() async {
    var count = 0
    while let events = takeWaiting() {
      for (event, realtime) in events {
        for reply in MonitorReply.replies(for: event, realtime: realtime) {
          guard let reply = VarlinkContinuedReply(reply) else { continue }
          for caller in callers { caller.take(reply) }
          count += 1
          if count % Self.slice == 0 { await rest() }
        }
      }
    }
  }

  /// - Returns: Nil where nothing waits; the next event starts `deliver` anew.
  private func takeWaiting() -> [(event: Event, realtime: Int64)]? {
    let (events, isOverrun) = mailbox.withLock { mailbox in
      defer { (mailbox.waiting, mailbox.isOverrun) = ([], false) }
      mailbox.isDelivering = !mailbox.waiting.isEmpty
      return (mailbox.waiting, mailbox.isOverrun)
    }
    if isOverrun { for caller in callers { caller.replies.overrun() } }
    removeClosed()
    return events.isEmpty ? nil : events
  }

  private func rest() async {
    for _ in 0..<Self.longestRest where callers.contains(where: \.isBehind) {
      await executor.pause(milliseconds: 1)
    }
  }

  // MARK: Callers

  /// Answers a call: a snapshot, and then each event since the call, until the caller hangs up.
  func serve(_ replies: VarlinkReplies, snapshot send: @Sendable (VarlinkReplies) async -> Void) async {
    let caller = Caller(replies)
    callers.append(caller)
    mailbox.withLock { $0.hasCallers = true }
    await send(replies)
    while caller.release(Self.slice) { _ = await replies.room() }
    await replies.closed()
    removeClosed()
  }

  private func removeClosed() {
    callers.removeAll { $0.replies.isClosed }
    mailbox.withLock { $0.hasCallers = !callers.isEmpty }
  }

  private final class Caller {
    /// Bytes of events that wait for the end of the snapshot.
    private static let longest = 256 << 10

    let replies: VarlinkReplies
    /// Events since the call, which follow the snapshot; nil once they are sent.
    private var held: [VarlinkContinuedReply]? = []
    private var heldBytes = 0

    init(_ replies: VarlinkReplies) { self.replies = replies }

    /// Whether it has not taken all that was sent to it.
    var isBehind: Bool { held == nil && !replies.hasRoom }

    func take(_ reply: VarlinkContinuedReply) {
      guard held != nil else {
        replies.send(reply)
        return
      }
      heldBytes += reply.count
      if heldBytes <= Self.longest { held?.append(reply) } else { replies.overrun() }
    }

    /// Sends so many of the events that were held, once the snapshot is sent.
    ///
    /// - Returns: Whether there are more.
    func release(_ count: Int) -> Bool {
      for reply in held?.prefix(count) ?? [] {
        heldBytes -= reply.count
        replies.send(reply)
      }
      let rest = held?.dropFirst(count) ?? []
      held = rest.isEmpty || replies.isClosed ? nil : Array(rest)
      return held != nil
    }
  }
}
