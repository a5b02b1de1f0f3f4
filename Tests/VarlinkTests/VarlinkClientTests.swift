// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Platform
@testable import Varlink

@Suite("Client")
struct VarlinkClientTests {
  @Test("a reply, an error and another reply over one connection")
  func calls() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try VarlinkClient.connect(path)
        for text in ["", "x", "é\u{0}😀", String(repeating: "y", count: 60_000)] {
          let asked = Fixture.Text(text: text)
          #expect(
            try client.call("org.example.test.Echo", parameters: asked, reply: Fixture.Text.self) == asked)
        }
        do throws(VarlinkClientError) {
          let _: NoParameters = try client.call("org.example.test.Fail")
          Issue.record("no error")
        } catch {
          guard case .error("org.example.test.Failed", let parameters) = error else { throw error }
          #expect(try parameters.decode([String: String].self) == ["why": "because"])
        }
        let raw = try client.call(
          "org.example.test.Echo", parameters: Fixture.Text(text: "x"), reply: VarlinkParameters.self)
        #expect(String(decoding: raw.json, as: UTF8.self) == #"{"text":"x"}"#)
        struct Size: Codable { var bytes: Int }
        let big = try client.call(
          "org.example.test.Big", parameters: Size(bytes: 8_000_000), reply: Fixture.Text.self)
        #expect(big.text.utf8.count == 8_000_000)
      }
    }
  }

  @Test("no socket, and a socket without a server, are told from the rest")
  func nobody() async throws {
    let fixture = try await Fixture(listens: false)
    let path = fixture.path
    try await blocking {
      #expect(connectFailure(path) == "noDaemon \(ENOENT)")
      let dead = Descriptor(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
      #expect(UnixAddress(path: path)?.withSockaddr { bind(dead.number, $0, $1) } == 0)
      #expect(connectFailure(path) == "noDaemon \(ECONNREFUSED)")
      #expect(connectFailure(path + "/below") == "connect \(ENOTDIR)")
      #expect(connectFailure("") == "pathTooLong")
      #expect(connectFailure(String(repeating: "x", count: 108)) == "pathTooLong")
    }
  }

  @Test("a reply that does not come ends in a time-out, as a full backlog does")
  func timeout() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try VarlinkClient.connect(path)
        #expect(callFailure(client) == "timedOut")
      }
    }
    let deaf = try await Fixture(listens: false)
    let path = deaf.path
    try await blocking {
      let listener = Descriptor(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
      #expect(UnixAddress(path: path)?.withSockaddr { bind(listener.number, $0, $1) } == 0)
      #expect(listen(listener.number, 0) == 0)
      let first = try VarlinkClient.connect(path)
      #expect(connectFailure(path) == "timedOut")
      withExtendedLifetime(first) {}
    }
  }

  @Test(
    "what is no reply is told from an error",
    arguments: [
      ("", "closed"), ("{\"parameters\":{", "closed"), ("nonsense\0", "badReply"), ("[]\0", "badReply"),
      ("{\"parameters\":{},\"continues\":true}\0", "badReply"), ("{\"parameters\":[]}\0", "badReply"),
      ("{}\0", "reply"), ("{\"parameters\":{\"a\":1}}\0", "reply"), ("{\"error\":\"a.B\"}\0", "error a.B {}"),
      (
        "{\"error\":\"a.B\",\"parameters\":{\"x\":[1,-2.5,null,true,\"s\",{}]}}\0",
        "error a.B {\"x\":[1,-2.5,null,true,\"s\",{}]}"
      ),
      (String(repeating: "x", count: 2000), "replyTooLong"),
    ])
  func replies(text: String, expected: String) async throws {
    let fixture = try await Fixture(listens: false)
    let path = fixture.path
    let listener = Descriptor(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
    #expect(UnixAddress(path: path)?.withSockaddr { bind(listener.number, $0, $1) } == 0)
    #expect(listen(listener.number, 1) == 0)
    async let served: Void = blocking {
      let peer = Descriptor(accept(listener.number, nil, nil))
      // Its request is read first: a close with bytes unread would be a reset.
      var byte: UInt8 = 1
      while byte != 0, recv(peer.number, &byte, 1, 0) == 1 {}
      _ = Array(text.utf8).withUnsafeBytes {
        send(peer.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
    }
    let outcome = try await blocking {
      callFailure(
        try VarlinkClient.connect(path, timeout: .seconds(10), replyLimit: 1000), timeout: .seconds(10))
    }
    try await served
    #expect(outcome == expected)
  }
}

private func connectFailure(_ path: String) -> String {
  do throws(VarlinkClientError) {
    _ = try VarlinkClient.connect(path, timeout: .milliseconds(100))
    return "connected"
  } catch {
    switch error {
    case .noDaemon(_, let errno): return "noDaemon \(errno)"
    case .system(let call, _, let errno): return "\(call) \(errno)"
    case .pathTooLong: return "pathTooLong"
    case .timedOut: return "timedOut"
    default: return "\(error)"
    }
  }
}

private func callFailure(_ client: VarlinkClient, timeout: Duration = .milliseconds(100)) -> String {
  do throws(VarlinkClientError) {
    _ = try client.call("org.example.test.Wait", reply: NoParameters.self, timeout: timeout)
    return "reply"
  } catch {
    switch error {
    case .closed: return "closed"
    case .badReply: return "badReply"
    case .timedOut: return "timedOut"
    case .replyTooLong: return "replyTooLong"
    case .error(let name, let parameters):
      return "error \(name) \(String(decoding: parameters.json, as: UTF8.self))"
    default: return "\(error)"
    }
  }
}
