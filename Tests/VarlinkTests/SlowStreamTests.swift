// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Varlink

@Suite("Streams that are read slowly, or not at all, and too many of them")
struct SlowStreamTests {
  /// About 1 KiB.
  private static func text(_ number: Int) -> String { "\(number) " + String(repeating: "x", count: 1000) }

  /// Sends until the server gives the caller up.
  ///
  /// - Returns: how many replies were taken in.
  private func overrun(_ call: StreamCall) -> Int {
    var count = 0
    while count < 10_000, call.replies.send(.text(Self.text(count))) { count += 1 }
    return count
  }

  @Test("a caller that does not read gets an error after what it has begun; the others get everything")
  func slow() async throws {
    let limits = VarlinkLimits()
    try await Fixture.with(limits: limits) { fixture in
      let slow = try await StreamCall(fixture)
      let other = try await StreamCall(fixture)
      let client = other.client
      async let received: Void = blocking { () throws in
        for number in 0..<2000 { #expect(try client.receive() == continued(Self.text(number))) }
      }
      var most = 0
      for number in 0..<2000 {
        let reply = VarlinkContinuedReply(.text(Self.text(number)))
        slow.replies.send(reply)
        // It does read, but may be late: this test is about the one that does not.
        #expect(await other.replies.room())
        other.replies.send(reply)
        most = max(most, await fixture.server.statistics().unreadBytes)
      }
      try await received
      #expect(slow.replies.isClosed && !other.replies.isClosed)
      // Of the slow one, and the single reply and the 64 KiB of the other.
      #expect(most > limits.streamBytes)
      #expect(most <= limits.streamBytes + 65_536 + 65_536 + 1100)
      #expect(await fixture.server.statistics().unreadBytes <= 65_536 + 1100)
      let slowClient = slow.client
      try await blocking { () throws in
        var number = 0
        var message = try slowClient.receive()
        while message == continued(Self.text(number)) {
          number += 1
          message = try slowClient.receive()
        }
        #expect(number > 0)
        #expect(message == #"{"error":"org.example.test.Refused","parameters":{"why":"tooSlow"}}"#)
        #expect(try slowClient.receive() == nil)
      }
      try await slow.replies.waitUntilClosed()
      #expect(await fixture.server.statistics().connections == 1)
    }
  }

  @Test(
    "one that does not even read the error is closed after the idle time",
    arguments: ["Watch", "Listen", "Linger"])
  func deaf(method: String) async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(200)
    try await Fixture.with(limits: limits) { fixture in
      let call = try await StreamCall(fixture, method)
      let told = Told(of: call.replies)
      _ = overrun(call)
      // At once, not only when the caller is closed.
      try await told.wait()
      #expect(await fixture.server.statistics().connections == 1)
      let client = call.client
      try await blocking { #expect(client.waitForHangUp()) }
      fixture.gate.open()
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("one that reads everything, and whose handler does not return, is closed after the idle time too")
  func stuck() async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(200)
    try await Fixture.with(limits: limits) { fixture in
      let call = try await StreamCall(fixture, "Linger")
      _ = overrun(call)
      let client = call.client
      try await blocking { () throws in
        while let message = try client.receive() { #expect(!message.contains("tooSlow")) }
      }
      #expect(await fixture.server.statistics().streams == 1)
    }
  }

  @Test("one that is within its limit and reads nothing is closed after the idle time")
  func stalled() async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(200)
    limits.streamBytes = 8 << 20
    try await Fixture.with(limits: limits) { fixture in
      let call = try await StreamCall(fixture)
      // One that the socket's buffers do not take; at once, for the time runs from the first byte that waits.
      #expect(call.replies.send(.text(String(repeating: "x", count: 4 << 20))))
      let client = call.client
      try await blocking { #expect(client.waitForHangUp()) }
      try await call.replies.waitUntilClosed()
    }
  }

  @Test("what all streams together leave unread is bounded: the slowest goes, before its own limit")
  func memory() async throws {
    var limits = VarlinkLimits()
    limits.unreadBytes = 1 << 20
    limits.streamBytes = 8 << 20
    try await Fixture.with(limits: limits) { fixture in
      let first = try await StreamCall(fixture)
      let second = try await StreamCall(fixture)
      var sent = 0
      var most = 0
      while !first.replies.isClosed && !second.replies.isClosed && sent < 4000 {
        first.replies.send(.text(Self.text(sent)))
        second.replies.send(.text(Self.text(sent)))
        sent += 1
        most = max(most, await fixture.server.statistics().unreadBytes)
      }
      #expect(first.replies.isClosed != second.replies.isClosed)
      // Looked at every 64 KiB of each.
      #expect(most > 1 << 19 && most <= limits.unreadBytes + 3 * 65_536)
    }
  }

  @Test("a caller that sends on during its stream is not read for ever, and is noticed when it hangs up")
  func pump() async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(100)
    try await Fixture.with(limits: limits) { fixture in
      var call: StreamCall? = try await StreamCall(fixture)
      let replies = try #require(call?.replies)
      if let client = call?.client {
        let isTaken = try await blocking {
          var limit = timeval(tv_sec: 0, tv_usec: 300_000)
          setsockopt(client.number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
          return client.send([UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20))
        }
        #expect(!isTaken)
        replies.send(.text("x"))
        try await blocking { () throws in #expect(try client.receive() == continued("x")) }
        #expect(!replies.isClosed)
      }
      call = nil
      try await replies.waitUntilClosed()
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("callers that pump, half close or wait during their streams cost no time")
  func waitingTime() async {
    // Processor time is the process's: one of its own, for other tests not to count.
    await #expect(processExitsWith: .success) {
      try await Fixture.with { fixture in
        let calls = [
          try await StreamCall(fixture), try await StreamCall(fixture), try await StreamCall(fixture),
          try await StreamCall(fixture),
        ]
        calls[0].client.halfClose()
        calls[1].client.send([UInt8](repeating: UInt8(ascii: "x"), count: 100_000))
        for _ in 0..<1000 { calls[2].replies.send(.text(String(repeating: "x", count: 400))) }
        try await blocking {
          let before = processorTime()
          // Nothing is to happen. A server that spins would use all of it.
          usleep(500_000)
          #expect(processorTime() - before < 0.1)
        }
        #expect(await fixture.server.statistics().streams == 4)
        withExtendedLifetime(calls) {}
      }
    }
  }

  @Test("a stream too many is refused, its connection goes on, and there is room when another ends")
  func tooMany() async throws {
    var limits = VarlinkLimits()
    limits.streams = 2
    limits.reserved = 1
    try await Fixture.with(limits: limits) { fixture in
      // The test's own user may use the reserve.
      var calls: [StreamCall] = []
      for _ in 0..<3 { calls.append(try await StreamCall(fixture)) }
      let path = fixture.path
      let client = try await blocking {
        let client = try RawClient(path)
        client.send(watch())
        #expect(
          try client.receive()
            == #"{"error":"org.example.test.Refused","parameters":{"why":"tooManyStreams"}}"#)
        client.send(request("Echo", #"{"text":"x"}"#))
        #expect(try client.receive() == #"{"parameters":{"text":"x"}}"#)
        return client
      }
      let gone = calls.removeLast().replies
      try await gone.waitUntilClosed()
      try await waitUntil { await fixture.server.statistics().streams == 2 }
      client.send(watch())
      _ = try await fixture.streams.wait(for: 4)
      withExtendedLifetime(calls) {}
    }
  }

  @Test("as many streams as may be leave room for other calls")
  func reload() async throws {
    var limits = VarlinkLimits()
    limits.connections = 3
    limits.streams = 10
    limits.reserved = 0
    try await Fixture.with(limits: limits) { fixture in
      let calls = [try await StreamCall(fixture), try await StreamCall(fixture)]
      let path = fixture.path
      try await blocking {
        let third = try RawClient(path)
        third.send(watch())
        #expect(try third.receiveError() == "org.example.test.Refused")
        // The third place is that of an idle one.
        for _ in 0..<10 {
          let client = try RawClient(path)
          client.send(request("Echo", #"{"text":"x"}"#))
          #expect(try client.receive() == #"{"parameters":{"text":"x"}}"#)
        }
      }
      #expect(calls.allSatisfy { !$0.replies.isClosed })
    }
  }
}
