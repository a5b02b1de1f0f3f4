// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Varlink

@Suite("Client of a stream")
struct VarlinkClientStreamTests {
  private struct Count: Codable { var upTo: Int }

  private static let watch = "org.example.test.Watch"

  @Test("every reply is handed on, the last one too, and the connection goes on")
  func replies() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try VarlinkClient.connect(path)
        for _ in 0..<2 {
          var texts: [String] = []
          let end = try client.stream(
            "org.example.test.Count", parameters: Count(upTo: 100), reply: Fixture.Text.self,
            timeout: .seconds(10)
          ) {
            texts.append($0.text)
            return true
          }
          #expect(end == .finished)
          #expect(texts == (1...100).map { "\($0)" })
          let asked = Fixture.Text(text: "x")
          #expect(
            try client.call("org.example.test.Echo", parameters: asked, reply: Fixture.Text.self) == asked)
        }
      }
    }
  }

  @Test("a plain method is a stream of one reply")
  func plain() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        var texts: [String] = []
        let end = try VarlinkClient.connect(path).stream(
          "org.example.test.Echo", parameters: Fixture.Text(text: "x"), reply: Fixture.Text.self,
          timeout: .seconds(10)
        ) {
          texts.append($0.text)
          return true
        }
        #expect(end == .finished && texts == ["x"])
      }
    }
  }

  @Test("an error reply is thrown, and the connection goes on")
  func error() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try VarlinkClient.connect(path)
        #expect(outcome(client, "org.example.test.Count", Count(upTo: 0)) == "error org.example.test.Failed")
        do throws(VarlinkClientError) {
          let _: Fixture.Text = try client.call("org.example.test.Count", parameters: Count(upTo: 2))
          Issue.record("no error")
        } catch {
          guard case .error("org.varlink.service.ExpectedMore", _) = error else { throw error }
        }
        let asked = Fixture.Text(text: "x")
        #expect(
          try client.call("org.example.test.Echo", parameters: asked, reply: Fixture.Text.self) == asked)
      }
    }
  }

  @Test("the first reply has a time-out, and those that follow have none")
  func timeout() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      let outcomes = Mutex<[String]>([])
      async let first: String = blocking {
        outcome(try VarlinkClient.connect(path), Self.watch, timeout: .milliseconds(200)) { _ in
          outcomes.withLock { $0.append("first") }
          return true
        }
      }
      let patient = try await fixture.streams.wait(for: 1)[0]
      patient.send(.text("x"))
      // The other one's time begins when the first one has its reply, and is no shorter.
      try await waitUntil { outcomes.withLock { $0 } == ["first"] }
      let second = try await blocking {
        outcome(try VarlinkClient.connect(path), Self.watch, timeout: .milliseconds(300))
      }
      #expect(second == "timedOut")
      patient.fail(VarlinkError("org.example.test.Failed", ["why": "enough"]))
      #expect(try await first == "error org.example.test.Failed")
    }
  }

  @Test("a server that closes without a last reply is told from one that ends the stream")
  func closed() async throws {
    let fixture = try await Fixture()
    let path = fixture.path
    async let result: String = blocking {
      outcome(try VarlinkClient.connect(path), Self.watch)
    }
    try await fixture.streams.wait(for: 1)[0].send(.text("x"))
    await fixture.server.stop()
    #expect(try await result == "closed")
  }

  @Test("the caller may stop, and a hang-up ends the server's side")
  func stopped() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      async let result: String = blocking {
        outcome(try VarlinkClient.connect(path), Self.watch) { $0.text != "2" }
      }
      let replies = try await fixture.streams.wait(for: 1)[0]
      for number in 1...3 { replies.send(.text("\(number)")) }
      #expect(try await result == "stopped")
      try await replies.waitUntilClosed()
    }
  }

  @Test("a descriptor interrupts a stream, quiet or not", arguments: [true, false])
  func interrupted(isQuiet: Bool) async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      var ends: [Int32] = [-1, -1]
      #expect(pipe(&ends) == 0)
      let (read, write) = (ends[0], ends[1])
      defer { close(read) }
      async let result: String = blocking {
        outcome(try VarlinkClient.connect(path), Self.watch, interrupt: read)
      }
      let replies = try await fixture.streams.wait(for: 1)[0]
      let start = ContinuousClock.now
      if isQuiet {
        close(write)
      } else {
        for _ in 0..<100 where await replies.room() { replies.send(.text("x")) }
        close(write)
        while await replies.room() { replies.send(.text("x")) }
      }
      #expect(try await result == "interrupted")
      // Not only at the time-out of 10 s.
      #expect(ContinuousClock.now - start < .seconds(8))
      try await replies.waitUntilClosed()
    }
  }
}

private func outcome(
  _ client: VarlinkClient, _ method: String, _ parameters: some Encodable = NoParameters(),
  timeout: Duration = .seconds(10), interrupt: Int32? = nil, body: (Fixture.Text) -> Bool = { _ in true }
) -> String {
  do throws(VarlinkClientError) {
    let end = try client.stream(
      method, parameters: parameters, timeout: timeout, interrupt: interrupt, body)
    return "\(end)"
  } catch {
    switch error {
    case .error(let name, _): return "error \(name)"
    case .timedOut: return "timedOut"
    case .closed: return "closed"
    default: return "\(error)"
    }
  }
}
