// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Multicast

/// A network namespace of a test's own. It lives on one thread, and is gone with it.
struct NetlinkNamespace {
  /// Whether tests that need one can run; with MCASTD_REQUIRE_SYSTEM_TESTS=1 they run in any case, and fail where
  /// they cannot.
  static let isAvailable =
    geteuid() == 0 || getenv("MCASTD_REQUIRE_SYSTEM_TESTS").map { String(cString: $0) } == "1"

  static let needs: Comment = "needs root, for network namespaces"

  /// Runs `body` on a thread in a new namespace with lo up, and what it spawns with it. The caller's thread waits, so
  /// it is for what takes well below a second.
  static func run<Result: Sendable>(
    _ body: @escaping @Sendable (NetlinkNamespace) throws -> Result
  ) throws -> Result {
    let outcome = Outcome<Result>()
    let thread = NamespaceThread {
      // unshare(2), CLONE_NEWNET: of this thread only.
      guard unshareContext(0x4000_0000) == 0 else { return }
      outcome.result.withLock {
        $0 = Swift.Result {
          let namespace = NetlinkNamespace()
          try namespace.ip("link set lo up")
          return try body(namespace)
        }
      }
    }
    try thread.run()
    return try outcome.result.withLock { try $0.get() }
  }

  /// Runs `ip` with arguments as on a command line, in this namespace, and fails the test when it fails.
  func ip(_ arguments: String) throws {
    let words = ["ip"] + arguments.split(separator: " ").map(String.init)
    var vector = words.map { strdup($0) } + [nil]
    defer { for word in vector { free(word) } }
    var process = pid_t()
    try #require(posix_spawnp(&process, "ip", nil, nil, &vector, environ) == 0)
    var status: Int32 = -1
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    try #require(status == 0, "ip \(arguments)")
  }

  /// Sockets of NETLINK_ROUTE that are open in this namespace (/proc/net/netlink).
  func routeSockets() throws -> Int {
    let file = try #require(fopen("/proc/thread-self/net/netlink", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    var count = 0
    while fgets(&line, 256, file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: " ")
      // sk Eth Pid …: protocol 0, and not the kernel's own end, whose port is 0.
      if words.count > 3, words[1] == "0", words[2] != "0" { count += 1 }
    }
    return count
  }
}

private final class Outcome<Value: Sendable>: Sendable {
  let result = Mutex<Result<Value, any Error>>(.failure(NamespaceRefused()))
}

private final class NamespaceThread: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  /// Returns when `body` has.
  func run() throws {
    var thread = pthread_t()
    let created = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<NamespaceThread>.fromOpaque(argument).takeUnretainedValue().body() }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    try #require(created == 0)
    pthread_join(thread, nil)
  }
}

struct NamespaceRefused: Error {}

/// unshare(2) is behind _GNU_SOURCE and not in the Glibc module.
@_silgen_name("unshare") private func unshareContext(_ flags: Int32) -> Int32
