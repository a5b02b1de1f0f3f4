// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Varlink

@Suite("Streams")
struct VarlinkStreamTests {
  @Test("replies come in the order in which they were sent, each but the last with continues")
  func order() async throws {
    try await Fixture.with { fixture in
      let call = try await StreamCall(fixture)
      let (client, replies) = (call.client, call.replies)
      for number in 0..<1000 { replies.send(.text("\(number)")) }
      replies.finish(with: .text("last"))
      try await blocking { () throws in
        for number in 0..<1000 { #expect(try client.receive() == continued("\(number)")) }
        #expect(try client.receive() == #"{"parameters":{"text":"last"}}"#)
      }
    }
  }

  @Test("a call without more, or one that wants no reply at all, is not made")
  func expectedMore() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        client.send(request("Count", #"{"upTo":2}"#))
        #expect(try client.receive() == #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#)
        client.send(request("Count", #"{"upTo":2}"#, #","more":true,"oneway":true"#))
        client.send(request("Echo", #"{"text":"x"}"#, #","more":true"#))
        #expect(try client.receive() == #"{"parameters":{"text":"x"}}"#)
      }
    }
  }

  @Test("the next request is answered when the stream has ended, whether it came before or after")
  func next() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        for _ in 0..<3 {
          client.send(count(3))
          client.send(request("Echo", #"{"text":"x"}"#))
          #expect(try client.receive() == continued("1"))
          #expect(try client.receive() == continued("2"))
          #expect(try client.receive() == #"{"parameters":{"text":"3"}}"#)
          #expect(try client.receive() == #"{"parameters":{"text":"x"}}"#)
          // What the handler throws ends the stream as well.
          client.send(count(0))
          #expect(try client.receiveError() == "org.example.test.Failed")
        }
      }
      #expect(await fixture.server.statistics().streams == 0)
    }
  }

  @Test("a series is made as it is read")
  func series() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        // Several times what the method's limit and the socket hold.
        client.send(count(20_000))
        for number in 1..<20_000 { #expect(try client.receive() == continued("\(number)")) }
        #expect(try client.receive() == #"{"parameters":{"text":"20000"}}"#)
      }
    }
  }

  @Test("that a caller has hung up is noticed at once, though there is nothing to send", arguments: methods)
  func hangUp(method: String) async throws {
    try await Fixture.with { fixture in
      var call: StreamCall? = try await StreamCall(fixture, method)
      let replies = try #require(call?.replies)
      call?.client.send(request("Echo", #"{"text":"nobody answers this"}"#))
      call = nil
      // The sweeper would take 15 s; this gives up after 10.
      try await replies.waitUntilClosed()
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("a hang-up is noticed at once where the call came while another was answered")
  func hangUpAfterCall() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      var client: RawClient? = try await blocking {
        let client = try RawClient(path)
        client.send(request("Wait"))
        return client
      }
      try await waitUntil { await fixture.server.statistics().calls == 1 }
      client?.send(watch())
      try await blocking { () throws in
        // The server has seen that there is more, and reads no further meanwhile.
        let other = try RawClient(path)
        other.send(request("Echo", #"{"text":"x"}"#))
        #expect(try other.receive() != nil)
      }
      fixture.gate.open()
      let replies = try await fixture.streams.wait(for: 1)[0]
      client = nil
      try await replies.waitUntilClosed()
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("a caller that hangs up with replies unread is noticed at once", arguments: methods)
  func reset(method: String) async throws {
    try await Fixture.with { fixture in
      var call: StreamCall? = try await StreamCall(fixture, method)
      let replies = try #require(call?.replies)
      replies.send(.text("unread"))
      if let client = call?.client {
        try await blocking {
          var byte: UInt8 = 0
          #expect(recv(client.number, &byte, 1, Int32(MSG_PEEK)) == 1)
        }
      }
      call = nil
      try await waitUntil { replies.isClosed }
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("a handler that still runs keeps its caller's place")
  func linger() async throws {
    try await Fixture.with { fixture in
      var call: StreamCall? = try await StreamCall(fixture, "Linger")
      let replies = try #require(call?.replies)
      call = nil
      try await replies.waitUntilClosed()
      #expect(await fixture.server.statistics().streams == 1)
      fixture.gate.open()
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("a caller that has sent its last request gets its replies", arguments: [true, false])
  func halfClosed(isQuiet: Bool) async throws {
    var limits = VarlinkLimits()
    // That it hangs up later is noticed by the sweeper, or by a reply.
    if isQuiet { limits.idle = .milliseconds(40) }
    try await Fixture.with(limits: limits) { fixture in
      var call: StreamCall? = try await StreamCall(fixture)
      let replies = try #require(call?.replies)
      if let client = call?.client {
        client.halfClose()
        if isQuiet { try await fixture.idleTimePasses() }
        for number in 0..<3 {
          #expect(replies.send(.text("\(number)")))
          try await blocking { () throws in #expect(try client.receive() == continued("\(number)")) }
        }
        if isQuiet { try await fixture.idleTimePasses() }
        #expect(!replies.isClosed)
      }
      call = nil
      try await waitUntil { isQuiet ? replies.isClosed : !replies.send(.text("x")) }
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("a stream with nothing to send outlasts the idle time")
  func quiet() async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(40)
    try await Fixture.with(limits: limits) { fixture in
      let call = try await StreamCall(fixture)
      try await fixture.idleTimePasses()
      #expect(call.replies.send(.text("x")))
      try await fixture.idleTimePasses()
      let client = call.client
      try await blocking { () throws in #expect(try client.receive() == continued("x")) }
      #expect(!call.replies.isClosed)
    }
  }

  @Test("stop closes streams and tells their methods", arguments: methods)
  func stop(method: String) async throws {
    let fixture = try await Fixture()
    let call = try await StreamCall(fixture, method)
    let replies = call.replies
    async let closed: Void = replies.closed()
    await fixture.server.stop()
    await closed
    #expect(!replies.send(.text("x")))
    let client = call.client
    #expect(try await blocking { try client.receive() } == nil)
  }

  @Test("a server with streams is let go of when it is stopped")
  func release() async throws {
    weak var server: VarlinkServer?
    var kept: [VarlinkReplies] = []
    do {
      let fixture = try await Fixture()
      server = fixture.server
      let call = try await StreamCall(fixture, "Listen")
      kept = [call.replies]
      await fixture.server.stop()
      withExtendedLifetime(call) {}
    }
    try await waitUntil { server == nil }
    withExtendedLifetime(kept) {}
  }
}

/// Those whose handler returns at once, and those whose goes on.
private let methods = ["Watch", "Listen"]

private func count(_ upTo: Int) -> String { watch("Count", #"{"upTo":\#(upTo)}"#) }
