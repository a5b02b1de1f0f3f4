// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Control
@testable import Daemon
@testable import Liveness
@testable import Monitor
@testable import Platform
@testable import Varlink

struct EventStreamTests {
  private let stream = EventStream()

  /// Events that can be told apart.
  private func tell(_ numbers: ClosedRange<Int>, bytes: Int = 0) {
    let padding = String(repeating: "x", count: bytes)
    for number in numbers { stream.take(.service(.settingUnknown(warning: "\(number)\(padding)"))) }
  }

  /// A caller's end of a stream: what the server would send.
  private struct Caller {
    let replies: VarlinkReplies

    init(limit: Int = 65_536) { replies = VarlinkReplies(limit: limit) {} }

    /// The messages of the replies that wait.
    func read() throws -> [String] {
      struct Message: Decodable { var parameters: MonitorReply }
      var bytes: [UInt8] = []
      while case .bytes(let part) = replies.next(mayEnd: false) { bytes += part }
      return try bytes.split(separator: 0).map {
        let reply = try JSONDecoder().decode(Message.self, from: Data($0)).parameters
        return reply.message ?? reply.event
      }
    }

    /// Whether that is how the stream ends.
    var isTooSlow: Bool {
      while case .bytes = replies.next(mayEnd: false) {}
      guard case .end(.refused(.tooSlow)) = replies.next(mayEnd: true) else { return false }
      return true
    }

    func hangUp() { replies.close() }
  }

  /// Serves a caller in a task of its own, and returns when its snapshot was asked for.
  ///
  /// - Returns: ends the snapshot.
  private func serve(_ caller: Caller) async -> @Sendable () async -> Void {
    let (began, hasBegun) = AsyncStream<Void>.makeStream()
    let (ended, end) = AsyncStream<Void>.makeStream()
    let (sent, hasSent) = AsyncStream<Void>.makeStream()
    let stream = stream
    Task(executorPreference: stream.executor) {
      await stream.serve(caller.replies) { replies in
        hasBegun.finish()
        for await _ in ended {}
        if let reply = VarlinkContinuedReply(MonitorReply(.complete, timeUsec: 0)) { replies.send(reply) }
        hasSent.finish()
      }
    }
    for await _ in began {}
    return {
      end.finish()
      for await _ in sent {}
      // Behind the rest of `serve`.
      await stream.settle()
    }
  }

  @Test("events since the call follow the snapshot, in order")
  func order() async throws {
    let caller = Caller()
    let endSnapshot = await serve(caller)
    tell(1...3)
    await stream.settle()
    #expect(try caller.read() == [])
    await endSnapshot()
    tell(4...5)
    await stream.settle()
    #expect(try caller.read() == ["snapshot-complete", "1", "2", "3", "4", "5"])
    caller.hangUp()
  }

  @Test("a caller that does not read is told that it is too slow, and others miss nothing")
  func slow() async throws {
    let (slow, quick) = (Caller(), Caller())
    await serve(slow)()
    await serve(quick)()
    #expect(try quick.read() == ["snapshot-complete"])
    for round in 0..<50 {
      tell(10 * round...10 * round + 9, bytes: 1000)
      await stream.settle()
      #expect(slow.replies.waitingBytes <= 65_536)
      #expect(try quick.read().count == 10)
    }
    #expect(slow.isTooSlow)
    #expect(!quick.replies.isClosed)
    quick.hangUp()
  }

  @Test("a caller whose snapshot takes too long is told so, and what waits for it is bounded")
  func slowSnapshot() async throws {
    let caller = Caller()
    let endSnapshot = await serve(caller)
    tell(1...300, bytes: 1000)
    await stream.settle()
    #expect(caller.isTooSlow)
    await endSnapshot()
  }

  @Test("where events come faster than they are encoded every caller is told")
  func flood() async throws {
    let caller = Caller(limit: 64 << 20)
    await serve(caller)()
    // The queue is held up meanwhile.
    stream.executor.queue.suspend()
    tell(1...4097)
    stream.executor.queue.resume()
    await stream.settle()
    #expect(caller.isTooSlow)
  }

  @Test("an event that nobody called for is not kept")
  func nobody() async throws {
    tell(1...5)
    let caller = Caller()
    await serve(caller)()
    #expect(try caller.read() == ["snapshot-complete"])
    caller.hangUp()
    // Returns once `serve` has seen it.
    await stream.settle()
    let second = Caller()
    await serve(second)()
    tell(6...6)
    await stream.settle()
    #expect(try second.read() == ["snapshot-complete", "6"])
    #expect(try caller.read() == [])
    second.hangUp()
  }
}
