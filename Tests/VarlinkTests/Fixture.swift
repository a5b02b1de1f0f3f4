// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Synchronization
import TestSupport

@testable import Varlink

/// A service with one method of every kind, and the directory for its socket.
final class Fixture: Sendable {
  struct Text: Codable, Sendable, Equatable { var text: String }
  struct Peer: Codable, Sendable, Equatable {
    var uid: UInt32
    var gid: UInt32
    var pid: Int32
  }

  let directory: TemporaryDirectory
  let server: VarlinkServer
  /// Lets calls of `Wait` go on.
  let gate = Gate()
  /// Those that calls of `Watch`, `Listen` and `Linger` have opened.
  let streams = Streams()
  var path: String { directory.path + "/socket" }

  init(limits: VarlinkLimits = VarlinkLimits(), listens: Bool = true) async throws {
    directory = try TemporaryDirectory()
    let gate = gate
    let streams = streams
    let interface = VarlinkInterface(
      name: "org.example.test", description: Self.definition,
      methods: [
        VarlinkMethod("Echo", accepts: ["text"]) { (call) throws(VarlinkError) -> Text in
          try call.parameters(Text.self)
        },
        VarlinkMethod("WhoAmI") { call in
          Peer(uid: call.peer.uid, gid: call.peer.gid, pid: call.peer.pid)
        },
        VarlinkMethod("Wait") { _ in
          await gate.pass()
          return NoParameters()
        },
        VarlinkMethod("Big", accepts: ["bytes"]) { (call) throws(VarlinkError) -> Text in
          struct Size: Decodable { var bytes: Int }
          return Text(text: String(repeating: "x", count: try call.parameters(Size.self).bytes))
        },
        VarlinkMethod("Fail") { (_) throws(VarlinkError) -> NoParameters in
          throw VarlinkError("org.example.test.Failed", ["why": "because"])
        },
        VarlinkMethod("NotANumber") { _ in ["value": Double.nan] },
        VarlinkMethod("Watch") { _, replies in streams.add(replies) },
        VarlinkMethod("Listen") { _, replies in
          streams.add(replies)
          // Nothing ever comes; it ends when the task is cancelled.
          for await _ in AsyncStream<Void>(unfolding: { try? await Task.sleep(for: .seconds(3600)) }) {
            if Task.isCancelled { return }
          }
        },
        VarlinkMethod("Linger") { _, replies in
          streams.add(replies)
          await gate.pass()
        },
        VarlinkMethod("Count", accepts: ["upTo"], limit: 1000) { (call, replies) throws(VarlinkError) in
          struct Count: Decodable { var upTo: Int }
          let count = try call.parameters(Count.self).upTo
          for number in 1..<max(1, count) {
            guard await replies.room() else { return }
            replies.send(.text("\(number)"))
          }
          if count > 0 { replies.finish(with: .text("\(count)")) }
          throw VarlinkError("org.example.test.Failed", ["why": "nothing to count"])
        },
      ])
    server = VarlinkServer(
      service: VarlinkService(
        vendor: "Example", product: "test", version: "1", url: "https://example.org", interfaces: [interface],
        refusal: { VarlinkError("org.example.test.Refused", ["why": "\($0)"]) }),
      limits: limits)
    if listens { try await server.listen(at: path) }
  }

  /// Runs a test's body with a server, and stops it.
  static func with(
    limits: VarlinkLimits = VarlinkLimits(), _ body: (Fixture) async throws -> Void
  ) async throws {
    let fixture = try await Fixture(limits: limits)
    do {
      try await body(fixture)
    } catch {
      fixture.gate.open()
      await fixture.server.stop()
      throw error
    }
    fixture.gate.open()
    await fixture.server.stop()
  }

  static let definition = """
    # For the tests.
    interface org.example.test

    # Gives the text back.
    method Echo(text: string) -> (text: string)

    # The caller as the kernel sees it.
    method WhoAmI() -> (uid: int, gid: int, pid: int)

    # Answers when it may.
    method Wait() -> ()

    # Answers at length.
    method Big(bytes: int) -> (text: string)

    # Always an error.
    method Fail() -> ()

    # A reply that JSON has no words for.
    method NotANumber() -> (value: float)

    # For calls with more: what the test makes of it.
    method Watch() -> (text: string)

    # The same, with a handler that goes on until it is cancelled.
    method Listen() -> (text: string)

    # The same, with a handler that returns when it may.
    method Linger() -> (text: string)

    # For calls with more: counts from 1.
    method Count(upTo: int) -> (text: string)

    # What Fail says.
    error Failed (why: string)

    # What the server says when it turns a caller away.
    error Refused (why: string)

    """
}

/// The streams that callers have opened.
final class Streams: Sendable {
  private let all = Mutex<[VarlinkReplies]>([])

  var count: Int { all.withLock { $0.count } }

  func add(_ replies: VarlinkReplies) { all.withLock { $0.append(replies) } }

  /// Waits until there are that many, oldest first.
  func wait(for count: Int) async throws -> [VarlinkReplies] {
    try await waitUntil { self.count >= count }
    return all.withLock { $0 }
  }
}

extension VarlinkParameters {
  static func text(_ text: String) -> Self { Self(strings: ["text": text]) }
}

/// With a test's patience.
extension VarlinkClient {
  static func connect(_ path: String) throws(VarlinkClientError) -> VarlinkClient {
    try connect(path, timeout: .seconds(10))
  }

  func call<Reply: Decodable>(
    _ method: String, parameters: some Encodable = NoParameters(), reply: Reply.Type = Reply.self
  ) throws(VarlinkClientError) -> Reply {
    try call(method, parameters: parameters, reply: reply, timeout: .seconds(30))
  }
}

/// Closed until it is opened; then for ever.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let state = Mutex(State())

  func pass() async {
    await withCheckedContinuation { continuation in
      let goes = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if goes { continuation.resume() }
    }
  }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
