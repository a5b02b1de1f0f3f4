// SPDX-License-Identifier: Apache-2.0

import CLinux
import Control
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing
import Varlink

@testable import MQTT

/// A follower, a broker that acknowledges at once, and in place of the daemon a server that answers each call
/// of Monitor with what a test has for it.
struct DaemonFollowerTests {
  private static let snapshot: [MonitorReply] = [
    .peer("a", "alive"), .reading("a", "temp.x", "1C"), .complete,
  ]

  /// Replies by calls; from the last on the stream stays open, unless the server is stopped.
  private static func server(_ calls: [[MonitorReply]], at path: String) async throws -> VarlinkServer {
    let count = Mutex(0)
    let monitor = VarlinkMethod(ControlInterface.Method.monitor.rawValue) { _, replies in
      let number = count.withLock { count in
        defer { count += 1 }
        return count
      }
      for reply in number < calls.count ? calls[number] : [] {
        if let reply = VarlinkContinuedReply(reply) { replies.send(reply) }
      }
      await replies.closed()
    }
    let server = VarlinkServer(
      service: VarlinkService(
        vendor: "mcastd", product: "test", version: "1", url: "https://example.org",
        interfaces: [
          VarlinkInterface(
            name: "io.mcastd", description: "interface io.mcastd\nmethod Monitor() -> (event: string)\n",
            methods: [monitor])
        ],
        refusal: { VarlinkError("io.mcastd.Busy", ["reason": "\($0)"]) }))
    try await server.listen(at: path)
    return server
  }

  /// A follower on a thread of its own.
  private final class Follower: Sendable {
    let core = BridgeCore(BridgeConfiguration())
    /// Readable once it has returned.
    let ended = Descriptor(eventfd(0, Int32(EFD_CLOEXEC)))

    init(_ path: String) {
      core.change { $0.bridge.brokerConnected(at: 0) }
      OwnThread.run { [core, ended] in
        DaemonFollower(core: core, path: path).run()
        eventfd_write(ended.number, 1)
      }
    }

    /// What is published next, as `TOPIC PAYLOAD` without `mcastd/site/`; nothing once it has returned.
    func published() -> Set<String> {
      var published: Set<String> = []
      while published.isEmpty {
        guard Poll.wait(for: POLLIN, on: [core.wake, ended.number], atMost: .seconds(10)) > 0 else { break }
        let hasEnded = Poll.wait(for: POLLIN, on: [ended.number], atMost: .zero) > 0
        core.look { state in
          while let next = state.bridge.nextPublication(at: 0) {
            published.insert("\(next.topic.dropFirst("mcastd/site/".count)) \(next.payload)")
            state.bridge.acknowledged(next.topic)
          }
        }
        if hasEnded { break }
      }
      return published
    }
  }

  /// Runs a test's body with a follower and the server, both of which are stopped then.
  private static func following(
    _ calls: [[MonitorReply]], _ body: (Follower, VarlinkServer) async throws -> Void
  ) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/io.mcastd"
    let server = try await server(calls, at: path)
    let follower = Follower(path)
    do {
      #expect(follower.published() == ["bridge/state no-daemon"])
      try await body(follower, server)
    } catch {
      follower.core.end()
      throw error
    }
    follower.core.end()
    #expect(Poll.wait(for: POLLIN, on: [follower.ended.number], atMost: .seconds(10)) == 1)
    await server.stop()
  }

  @Test("a bridge that stops leaves what it has published")
  func stopped() async throws {
    try await Self.following([Self.snapshot]) { follower, _ in
      #expect(follower.published() == ["bridge/state online", "a/state alive", "a/temp.x 1"])
      // It is woken by this, whatever else is known by then.
      eventfd_write(follower.core.stop, 1)
      #expect(follower.published() == [])
    }
  }

  @Test("where the daemon has another configuration a snapshot follows, and what was known holds until then")
  func reloaded() async throws {
    let reload = MonitorReply(MonitorReply.configurationApplied, timeUsec: 0)
    let second: [MonitorReply] = [.peer("a", "alive"), .reading("a", "temp.x", "2C"), .complete]
    try await Self.following([Self.snapshot + [reload], second]) { follower, _ in
      var published: Set<String> = []
      while !published.contains("a/temp.x 2") {
        let next = follower.published()
        try #require(!next.isEmpty)
        published.formUnion(next)
      }
      #expect(published.isSubset(of: ["bridge/state online", "a/state alive", "a/temp.x 1", "a/temp.x 2"]))
    }
  }

  @Test("without the daemon values are taken back")
  func lost() async throws {
    try await Self.following([Self.snapshot]) { follower, server in
      _ = follower.published()
      await server.stop()
      #expect(follower.published() == ["bridge/state no-daemon", "a/state unknown", "a/temp.x "])
    }
  }
}
