// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Varlink

@Suite("Server")
struct VarlinkServerTests {
  @Test("pipelined requests are answered in order, the slow one first")
  func pipelined() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      let client = try await blocking {
        let client = try RawClient(path)
        let all =
          request("Wait") + "\0" + (0..<500).map { request("Echo", #"{"text":"\#($0)"}"#) + "\0" }.joined()
        client.send(Array(all.utf8))
        // While the first call waits, others are answered.
        let other = try RawClient(path)
        other.send(request("Echo", #"{"text":"x"}"#))
        #expect(try other.receive() == #"{"parameters":{"text":"x"}}"#)
        return client
      }
      fixture.gate.open()
      try await blocking { () throws in
        #expect(try client.receive() == #"{"parameters":{}}"#)
        for number in 0..<500 { #expect(try client.receive() == #"{"parameters":{"text":"\#(number)"}}"#) }
      }
    }
  }

  @Test("a caller that has sent its last request gets all its replies, and then the end")
  func halfClosed() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        for number in 0..<3 { client.send(request("Echo", #"{"text":"\#(number)"}"#)) }
        client.send(Array(#"{"method":"half a reque"#.utf8))
        client.halfClose()
        for number in 0..<3 { #expect(try client.receive() == #"{"parameters":{"text":"\#(number)"}}"#) }
        #expect(try client.receive() == nil)
      }
    }
  }

  @Test("a request may come byte by byte")
  func bytewise() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        for byte in Array(request("Echo", #"{"text":"x"}"#).utf8) + [0] { client.send([byte]) }
        #expect(try client.receive() == #"{"parameters":{"text":"x"}}"#)
      }
    }
  }

  @Test("a oneway call gets no reply, not even an error; more gets a single one")
  func oneway() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        client.send(request("Echo", #"{"text":"1"}"#, #","oneway":true"#))
        client.send(request("Fail", "{}", #","oneway":true"#))
        client.send(request("None", "{}", #","oneway":true"#))
        client.send(request("Echo", #"{"text":"4"}"#, #","more":true"#))
        #expect(try client.receive() == #"{"parameters":{"text":"4"}}"#)
      }
    }
  }

  @Test("all that a caller sent before it left is carried out, and its connection closed")
  func left() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      try await blocking { () throws in
        // Several reads' worth, within a stock send buffer (208 KiB).
        let one = request("Echo", #"{"text":"1"}"#, #","oneway":true"#) + "\0"
        try RawClient(path).send(Array(String(repeating: one, count: 1000).utf8))
      }
      try await waitUntil { await fixture.server.statistics().calls == 1000 }
      try await waitUntil { await fixture.server.statistics().connections == 0 }
    }
  }

  @Test("errors are those of the protocol, and the connection goes on")
  func errors() async throws {
    var limits = VarlinkLimits()
    limits.replyBytes = 8 << 20
    try await Fixture.with(limits: limits) { fixture in
      let path = fixture.path
      try await blocking {
        let client = try RawClient(path)
        func answer(_ text: String) throws -> String? {
          client.send(text)
          return try client.receive()
        }
        #expect(
          try answer(#"{"method":"no.such.Method"}"#)
            == #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"no.such"}}"#)
        #expect(
          try answer(request("None"))
            == #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"org.example.test.None"}}"#
        )
        #expect(
          try answer(request("Echo"))
            == #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"text"}}"#)
        #expect(
          try answer(request("Echo", #"{"text":"x","txet":1}"#))
            == #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"txet"}}"#)
        #expect(
          try answer(request("Echo", #"{"text":"x"}"#, #","upgrade":true"#))?
            .contains("org.varlink.service.MethodNotImplemented") == true)
        #expect(
          try answer(request("Fail"))
            == #"{"error":"org.example.test.Failed","parameters":{"why":"because"}}"#)
        #expect(
          try answer(request("NotANumber"))
            == #"{"error":"org.example.test.Refused","parameters":{"why":"replyNotEncodable"}}"#)
        #expect(
          try answer(request("Big", #"{"bytes":9000000}"#))
            == #"{"error":"org.example.test.Refused","parameters":{"why":"replyTooLong"}}"#)
        // A NUL in a text must not end the reply.
        #expect(
          try answer(request("Echo", #"{"text":"a\u0000b"}"#)) == #"{"parameters":{"text":"a\u0000b"}}"#)
      }
    }
  }

  @Test("a handler sees its caller's credentials")
  func credentials() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      let peer = try await blocking {
        try VarlinkClient.connect(path).call("org.example.test.WhoAmI", reply: Fixture.Peer.self)
      }
      #expect(peer == Fixture.Peer(uid: getuid(), gid: getgid(), pid: getpid()))
    }
  }

  @Test("stop closes every connection and removes the socket")
  func stop() async throws {
    let fixture = try await Fixture()
    let path = fixture.path
    let client = try await blocking {
      let client = try RawClient(path)
      client.send(request("Wait"))
      let other = try RawClient(path)
      other.send(request("Echo", #"{"text":"x"}"#))
      #expect(try other.receive() != nil)
      return client
    }
    await fixture.server.stop()
    #expect(try await blocking { try client.receive() } == nil)
    #expect(access(path, F_OK) != 0)
    fixture.gate.open()
    await #expect(throws: VarlinkServerError.alreadyStarted(path: path)) {
      try await fixture.server.listen(at: path)
    }
  }

  @Test("a stopped server is let go of, with its connections open or not")
  func release() async throws {
    weak var server: VarlinkServer?
    do {
      let fixture = try await Fixture()
      server = fixture.server
      let path = fixture.path
      let client = try await blocking {
        let client = try RawClient(path)
        client.send(request("Echo", #"{"text":"x"}"#))
        #expect(try client.receive() != nil)
        return client
      }
      await fixture.server.stop()
      withExtendedLifetime(client) {}
    }
    try await waitUntil { server == nil }
  }

  @Test("without descriptors left the server neither spins nor dies")
  func descriptors() async {
    await #expect(processExitsWith: .success) {
      try await Fixture.with { fixture in
        let path = fixture.path
        let client = try await blocking {
          let client = try RawClient(path)
          // Taken in and served: the server has all the descriptors that it needs so far.
          client.send(request("Echo", #"{"text":"x"}"#))
          #expect(try client.receive() != nil)
          var limit = rlimit()
          getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
          // One for the newcomer's own end, none for the server's.
          let next = dup(client.number)
          close(next)
          let tight = rlimit(rlim_cur: rlim_t(next) + 1, rlim_max: limit.rlim_max)
          withUnsafePointer(to: tight) { _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), $0) }
          let newcomer = try RawClient(path)
          newcomer.send(request("Echo", #"{"text":"y"}"#))
          let before = processorTime()
          // Twice the 250 ms after which the server tries again, and some; a server that spins would use all
          // of it.
          usleep(600_000)
          #expect(processorTime() - before < 0.1)
          setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
          #expect(try newcomer.receive() == #"{"parameters":{"text":"y"}}"#)
          return client
        }
        let failures = await fixture.server.statistics().acceptFailures
        #expect((1...4).contains(failures))
        withExtendedLifetime(client) {}
      }
    }
  }
}
