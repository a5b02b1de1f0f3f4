// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

@testable import Varlink

@Suite("Replies of a stream")
struct VarlinkRepliesTests {
  private final class Wakes: Sendable {
    let count = Atomic(0)
    var now: Int { count.load(ordering: .relaxed) }
  }

  private let wakes = Wakes()
  private let unexpected = TestFailure("not what is to be sent next")

  private func replies(limit: Int) -> VarlinkReplies {
    let wakes = wakes
    return VarlinkReplies(limit: limit) { wakes.count.add(1, ordering: .relaxed) }
  }

  /// All that the server would send now.
  private func sent(_ replies: VarlinkReplies) -> [[UInt8]] {
    var all: [[UInt8]] = []
    while case .bytes(let bytes) = replies.next(mayEnd: true) { all.append(bytes) }
    return all
  }

  private func address(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
  }

  @Test("a reply that others follow says so")
  func continued() {
    let reply = VarlinkContinuedReply(.text("x"))
    #expect(
      String(decoding: reply.bytes, as: UTF8.self) == #"{"parameters":{"text":"x"},"continues":true}"# + "\0")
    #expect(VarlinkContinuedReply(["text": "x"])?.bytes == reply.bytes)
    #expect(VarlinkContinuedReply(Double.nan) == nil)
  }

  @Test("callers who get the same reply share its buffer")
  func shared() {
    let reply = VarlinkContinuedReply(.text("shared"))
    for callers in [replies(limit: 1000), replies(limit: 1000)] {
      callers.send(reply)
      #expect(sent(callers).map(address) == [address(reply.bytes)])
    }
  }

  @Test("the server is woken once for all that it has not taken, and again for what comes after")
  func wakesOnce() {
    let replies = replies(limit: 60_000)
    for _ in 0..<1000 { replies.send(.text("x")) }
    #expect(wakes.now == 1)
    _ = sent(replies)
    replies.send(.text("x"))
    replies.send(.text("x"))
    #expect(wakes.now == 2)
  }

  @Test("no more than 64 KiB is taken at once, in order and whole")
  func chunks() {
    let replies = replies(limit: 1 << 20)
    let all = (0..<500).map { VarlinkContinuedReply(.text("\($0)" + String(repeating: "x", count: 1000))) }
    for reply in all { replies.send(reply) }
    // Every 64 KiB the server looks at what all callers take.
    #expect((7...9).contains(wakes.now))
    let chunks = sent(replies)
    #expect(chunks.allSatisfy { $0.count <= 65_536 })
    #expect(chunks.flatMap { $0 } == all.flatMap(\.bytes))
    #expect(replies.waitingBytes == 0)
  }

  @Test("a caller that is too slow gets the rest of the reply that it has begun, and no other")
  func overrun() throws {
    let replies = replies(limit: 200_000)
    let first = VarlinkContinuedReply(.text(String(repeating: "x", count: 100_000)))
    replies.send(first)
    guard case .bytes(let begin) = replies.next(mayEnd: true) else { throw unexpected }
    #expect(begin.count == 65_536)
    #expect(replies.send(first))
    #expect(!replies.isClosed)
    let before = wakes.now
    #expect(!replies.send(first))
    #expect(replies.isClosed && replies.isOverrun)
    #expect(wakes.now == before + 1)
    #expect(replies.waitingBytes == first.bytes.count - begin.count)
    #expect(!replies.send(.text("x")))
    #expect(begin + sent(replies).flatMap { $0 } == first.bytes)
  }

  @Test("the end comes after all replies, and nothing after it")
  func end() throws {
    let replies = replies(limit: 1000)
    replies.send(.text("1"))
    replies.finish(with: .text("2"))
    replies.fail(.permissionDenied)
    #expect(!replies.send(.text("3")))
    guard case .bytes = replies.next(mayEnd: true) else { throw unexpected }
    guard case .nothing = replies.next(mayEnd: false) else { throw unexpected }
    guard case .end(.reply(let last)) = replies.next(mayEnd: true) else { throw unexpected }
    #expect(last == .text("2"))
    guard case .nothing = replies.next(mayEnd: true) else { throw unexpected }
  }

  @Test("a single reply that exceeds the limit is too long, however fast the caller is")
  func long() throws {
    let replies = replies(limit: 100)
    #expect(!replies.send(.text(String(repeating: "x", count: 100))))
    guard case .end(.refused(.replyTooLong)) = replies.next(mayEnd: true) else { throw unexpected }
  }

  @Test("who waits for room or for the end goes on when the caller is gone")
  func close() async {
    let replies = replies(limit: 1000)
    replies.send(.text("x"))
    async let room = replies.room()
    async let closed: Void = replies.closed()
    replies.close()
    #expect(await !room)
    await closed
    #expect(replies.waitingBytes == 0)
    // And who comes later does not wait at all.
    #expect(await !replies.room())
    await replies.closed()
  }

  @Test("there is room again once the server has taken all")
  func room() async {
    let replies = replies(limit: 1000)
    #expect(await replies.room())
    replies.send(.text("x"))
    async let room = replies.room()
    _ = sent(replies)
    #expect(await room)
  }
}
