// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Varlink

@Suite("Hostile callers")
struct HostileCallerTests {
  private static let echo = request("Echo", #"{"text":"hi"}"#)
  private static let echoed = #"{"parameters":{"text":"hi"}}"#

  @Test("a request of 64 KiB is answered, one byte more gets an error and the door")
  func long() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        let padding = 65_536 - request("Echo", #"{"text":""}"#).utf8.count
        client.send(request("Echo", #"{"text":"\#(String(repeating: "x", count: padding))"}"#))
        #expect(try client.receive()?.hasPrefix(#"{"parameters":{"text":"xxx"#) == true)
        client.send(request("Echo", #"{"text":"\#(String(repeating: "x", count: padding + 1))"}"#))
        #expect(try client.receiveError() == invalidParameter)
        #expect(try client.receive() == nil)
      }
    }
  }

  @Test("a megabyte without a NUL is not read to its end")
  func endless() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      let sent = try await blocking {
        let client = try RawClient(path)
        return client.send([UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20))
      }
      #expect(!sent)
    }
  }

  @Test(
    "what is no request gets an error and the door",
    arguments: [
      [0], Array("not JSON\0".utf8), Array("{}\0".utf8), [0xFF, 0xFE, 0], [0, 0, 0, 0],
      Array("{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":{\"a\":\"".utf8) + [0xC3, 0x28]
        + Array("\"}}\0".utf8),
      [UInt8](repeating: UInt8(ascii: "["), count: 65_536) + [0],
      [UInt8](repeating: UInt8(ascii: "{"), count: 65_536) + [0],
    ])
  func malformed(bytes: [UInt8]) async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        client.send(bytes)
        #expect(try client.receiveError() == invalidParameter)
        #expect(try client.receive() == nil)
      }
    }
  }

  @Test("of 200 idle connections the oldest make room, and the newest is served")
  func idle() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      let (idlers, newest) = try await blocking {
        let idlers = try (0..<200).map { _ in try RawClient(path) }
        let newest = try RawClient(path)
        newest.send(Self.echo)
        #expect(try newest.receive() == Self.echoed)
        #expect(try idlers[0].receiveError() == "org.example.test.Refused")
        #expect(try idlers[0].receive() == nil)
        return (idlers, newest)
      }
      // The newest and its last 63 predecessors.
      #expect(await fixture.server.statistics().connections == 64)
      try await blocking { () throws in
        let youngest = idlers[199]
        youngest.send(Self.echo)
        #expect(try youngest.receive() == Self.echoed)
        withExtendedLifetime(newest) {}
      }
    }
  }

  @Test("a caller that says nothing, or half a request, is closed after the idle time", arguments: ["", "{"])
  func silent(text: String) async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(100)
    try await Fixture.with(limits: limits) { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        client.send(Array(text.utf8))
        #expect(try client.receiveError() == "org.example.test.Refused")
        #expect(try client.receive() == nil)
      }
    }
  }

  @Test("a call that takes longer than the idle time is answered")
  func patient() async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(40)
    try await Fixture.with(limits: limits) { fixture in
      let path = fixture.path
      let client = try await blocking {
        let client = try RawClient(path)
        client.send(request("Wait"))
        // Idle itself, it is closed after the idle time: by then the other has been spared.
        #expect(try RawClient(path).receiveError() == "org.example.test.Refused")
        return client
      }
      fixture.gate.open()
      #expect(try await blocking { try client.receive() } == #"{"parameters":{}}"#)
    }
  }

  @Test("a caller that does not read its reply is closed, and holds up nobody")
  func slow() async throws {
    var limits = VarlinkLimits()
    limits.idle = .milliseconds(300)
    try await Fixture.with(limits: limits) { fixture in
      let path = fixture.path
      try await blocking {
        let slow = try RawClient(path)
        for _ in 0..<100 { slow.send(request("Big", #"{"bytes":4000000}"#)) }
        let other = try RawClient(path)
        other.send(Self.echo)
        #expect(try other.receive() == Self.echoed)
        #expect(slow.waitForHangUp())
      }
      // One reply at a time: the other 99 requests were not even read.
      #expect(await fixture.server.statistics().calls == 2)
    }
  }

  @Test("what all callers together leave unread is bounded: the slowest goes")
  func memory() async throws {
    var limits = VarlinkLimits()
    limits.unreadBytes = 5 << 20
    try await Fixture.with(limits: limits) { fixture in
      let path = fixture.path
      try await blocking {
        let first = try RawClient(path)
        first.send(request("Big", #"{"bytes":4000000}"#))
        // Its reply has begun, so it is the one that has waited longer.
        var byte: UInt8 = 0
        #expect(recv(first.number, &byte, 1, 0) == 1)
        let second = try RawClient(path)
        second.send(request("Big", #"{"bytes":4000000}"#))
        #expect(first.waitForHangUp())
        #expect(try second.receive()?.utf8.count == 4_000_000 + #"{"parameters":{"text":""}}"#.utf8.count)
      }
    }
  }

  @Test("a caller that hangs up during its call keeps its place until the call is answered")
  func hangUp() async throws {
    var limits = VarlinkLimits()
    limits.connections = 1
    limits.reserved = 0
    try await Fixture.with(limits: limits) { fixture in
      let path = fixture.path
      try await callAndLeave(fixture)
      try await blocking { () throws in
        let newcomer = try RawClient(path)
        #expect(try newcomer.receiveError() == "org.example.test.Refused")
      }
      fixture.gate.open()
      // Its reply has found nobody.
      try await waitUntil { await fixture.server.statistics().connections == 0 }
      try await blocking { () throws in
        let client = try RawClient(path)
        client.send(Self.echo)
        #expect(try client.receive() == Self.echoed)
      }
    }
  }

  @Test("callers that hang up, half close or send on during their calls cost no time")
  func waitingTime() async {
    // Processor time is the process's: one of its own, for other tests not to count.
    await #expect(processExitsWith: .success) {
      try await Fixture.with { fixture in
        let path = fixture.path
        try await callAndLeave(fixture)
        let others = try await blocking {
          let others = try (0..<2).map { _ in try RawClient(path) }
          for other in others { other.send(request("Wait")) }
          return others
        }
        try await waitUntil { await fixture.server.statistics().calls == 3 }
        try await blocking {
          others[0].halfClose()
          others[1].send(request("Wait"))
          let before = processorTime()
          // Nothing is to happen. A server that spins would use all of it.
          usleep(500_000)
          #expect(processorTime() - before < 0.1)
          withExtendedLifetime(others) {}
        }
        #expect(await fixture.server.statistics().connections == 3)
      }
    }
  }
}

/// Leaves a call of `Wait` behind, and a second request unread.
private func callAndLeave(_ fixture: Fixture) async throws {
  let path = fixture.path
  try await blocking { () throws in
    let leaver = try RawClient(path)
    leaver.send(request("Wait"))
    leaver.send(request("Wait"))
  }
  try await waitUntil { await fixture.server.statistics().calls > 0 }
}

/// What this process has used so far, in seconds of all its threads.
func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
