// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Multicast

/// A network namespace of a test's own. It lives as long as its thread.
struct NetlinkNamespace {
  static let isAvailable = ThreadNamespace.isAvailable
  static let needs: Comment = "needs root, for network namespaces"

  /// Runs `body` on a thread in a new namespace with lo up, and what it spawns with it. The caller's thread
  /// waits, so it is for what takes well below a second.
  static func run<Result: Sendable>(
    _ body: @escaping @Sendable (NetlinkNamespace) throws -> Result
  ) throws -> Result {
    let outcome = Outcome<Result>()
    OwnThread.join {
      outcome.result.withLock {
        $0 = Swift.Result {
          try ThreadNamespace.enter()
          let namespace = NetlinkNamespace()
          try namespace.ip("link set lo up")
          return try body(namespace)
        }
      }
    }
    return try outcome.result.withLock { try $0.get() }
  }

  /// Runs `ip` with arguments as on a command line, in this namespace, and fails the test when it fails.
  func ip(_ arguments: String) throws {
    let command = try Command.run(["ip"] + arguments.split(separator: " ").map(String.init))
    try #require(command.status == 0, "ip \(arguments): \(command.output)")
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

struct NamespaceRefused: Error {}
