// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import Varlink

/// A caller with a stream, and the server's side of it.
struct StreamCall {
  let client: RawClient
  let replies: VarlinkReplies

  /// Calls a method that leaves its stream with the fixture.
  init(_ fixture: Fixture, _ method: String = "Watch") async throws {
    let path = fixture.path
    let before = fixture.streams.count
    client = try await blocking {
      let client = try RawClient(path)
      client.send(watch(method))
      return client
    }
    replies = try await fixture.streams.wait(for: before + 1)[before]
  }
}

/// A call with more of a method of the test interface.
func watch(_ method: String = "Watch", _ parameters: String = "{}") -> String {
  request(method, parameters, #","more":true"#)
}

/// A reply of `Watch` that others follow.
func continued(_ text: String) -> String { #"{"parameters":{"text":"\#(text)"},"continues":true}"# }

extension Fixture {
  /// Waits until a connection that does nothing has been closed, after the idle time: any other that has been
  /// idle for so long is closed by then.
  func idleTimePasses() async throws {
    let path = path
    try await blocking { () throws in
      let idle = try RawClient(path)
      while try idle.receive() != nil {}
    }
  }
}

extension VarlinkReplies {
  /// Waits until the method has been told of the end; ten seconds at most.
  func waitUntilClosed() async throws { try await Told(of: self).wait() }
}

/// Whether a method has been told of the end of its stream.
final class Told: Sendable {
  private let isTold = Atomic(false)

  init(of replies: VarlinkReplies) {
    replies.onClose { self.isTold.store(true, ordering: .relaxed) }
  }

  /// Ten seconds at most.
  func wait() async throws { try await waitUntil { isTold.load(ordering: .relaxed) } }
}
