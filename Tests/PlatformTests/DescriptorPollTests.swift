// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Platform

@Suite("Descriptors of a queue", .timeLimit(.minutes(1)))
struct DescriptorPollTests {
  private let queue = DispatchQueue(label: "DescriptorPollTests")

  /// Two ends of a stream.
  private static func pair() throws -> (Descriptor, Descriptor) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw TestFailure(call: "socketpair", errno: errno)
    }
    return (Descriptor(ends[0]), Descriptor(ends[1]))
  }

  private static func write(_ text: String, to descriptor: Descriptor) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(descriptor.number, bytes, bytes.count)
  }

  @Test("what is asked for is told as long as it lasts: bytes, room, and a hang-up")
  func events() throws {
    let (ours, theirs) = try Self.pair()
    let (readable, writable) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let watch = try queue.sync {
      let poll = try DescriptorPoll(on: queue)
      return PolledDescriptor(
        on: poll, ours, onReadable: { readable.signal() }, onWritable: { writable.signal() })
    }
    // Nothing was asked for.
    Self.write("a", to: theirs)
    #expect(readable.wait(timeout: .now() + .milliseconds(20)) == .timedOut)
    queue.sync { watch.setReading(true) }
    for _ in 1...3 { readable.wait() }
    queue.sync {
      watch.setReading(false)
      watch.setWriting(true)
    }
    for _ in 1...3 { writable.wait() }
    queue.sync { watch.setWriting(false) }
    while readable.wait(timeout: .now()) == .success {}
    shutdown(theirs.number, Int32(SHUT_RDWR))
    #expect(readable.wait(timeout: .now() + .milliseconds(20)) == .timedOut)
    queue.sync { watch.setReading(true) }
    readable.wait()
    queue.sync { watch.cancel() }
  }

  @Test("a handler that ends others has none of them called, though all had something to read")
  func ending() throws {
    let pairs = try (0..<10).map { _ in try Self.pair() }
    let calls = Mutex(0)
    let called = DispatchSemaphore(value: 0)
    let all = Watches()
    try queue.sync {
      let poll = try DescriptorPoll(on: queue)
      all.list = pairs.map { pair in
        PolledDescriptor(
          on: poll, pair.0,
          onReadable: {
            calls.withLock { $0 += 1 }
            for watch in all.list { watch.cancel() }
            called.signal()
          })
      }
      for (pair, watch) in zip(pairs, all.list) {
        Self.write("a", to: pair.1)
        watch.setReading(true)
      }
    }
    called.wait()
    queue.sync {}
    #expect(calls.withLock { $0 } == 1)
  }

  /// On the queue.
  private final class Watches: @unchecked Sendable {
    var list: [PolledDescriptor] = []
  }
}
