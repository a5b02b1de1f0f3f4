// SPDX-License-Identifier: Apache-2.0

import Dispatch
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Platform
@testable import Varlink

/// A caller without manners: bytes in, bytes out. Reads give up after ten seconds.
final class RawClient: Sendable {
  let number: Int32

  init(_ path: String) throws {
    number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw TestFailure(call: "socket", errno: errno) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let failure =
      UnixAddress(path: path)?.withSockaddr { connect(number, $0, $1) == 0 ? 0 : errno } ?? ENAMETOOLONG
    guard failure == 0 else { throw TestFailure(call: "connect", errno: failure) }
  }

  deinit { close(number) }

  /// Sends everything; false when the server has closed.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let result = bytes[sent...].withUnsafeBytes {
        Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if result <= 0 { return false }
      sent += result
    }
    return true
  }

  /// Sends a text and a NUL.
  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8) + [0]) }

  func halfClose() { shutdown(number, Int32(SHUT_WR)) }

  /// The next message without its NUL; nil when the server has closed.
  func receive() throws -> String? {
    var message: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      let result = recv(number, &byte, 1, 0)
      if result == 1 {
        if byte == 0 { return String(decoding: message, as: UTF8.self) }
        message.append(byte)
      } else if result == 0 || errno == ECONNRESET {
        return nil
      } else {
        throw TestFailure(call: "recv", errno: errno)
      }
    }
  }

  /// The next message's error; nil for a reply without one, or when the server has closed.
  func receiveError() throws -> String? {
    struct Named: Decodable { var error: String? }
    guard let message = try receive() else { return nil }
    return try JSONDecoder().decode(Named.self, from: Data(message.utf8)).error
  }
}

/// A call of a method of the test interface.
func request(_ method: String, _ parameters: String = "{}", _ more: String = "") -> String {
  #"{"method":"org.example.test.\#(method)","parameters":\#(parameters)\#(more)}"#
}

let invalidParameter = "org.varlink.service.InvalidParameter"

extension RawClient {
  /// Waits until the server has closed, without reading; false after ten seconds.
  func waitForHangUp() -> Bool {
    var entry = pollfd(fd: number, events: 0, revents: 0)
    return poll(&entry, 1, 10_000) == 1 && entry.revents & Int16(POLLHUP) != 0
  }
}

/// Runs what blocks on a thread of its own: the server's handlers need the concurrency pool's two. It stays
/// in the test's task, or what it finds wrong would be nobody's failure.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withTaskExecutorPreference(OwnThread()) { try body() }
}

private final class OwnThread: TaskExecutor {
  private let queue = DispatchQueue(label: "blocking")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// Looks again and again until something holds; ten seconds at most.
func waitUntil(_ condition: () async -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(10)
  while await !condition() {
    try #require(ContinuousClock.now < deadline, "it does not come true")
    await Task.yield()
  }
}
