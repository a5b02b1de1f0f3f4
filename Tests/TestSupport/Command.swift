// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A finished command.
package struct Command: Sendable {
  /// Exit status; 128 + signal for one that was killed.
  package var status: Int32
  /// What it wrote, on both its outputs.
  package var output: String

  /// Runs a command found in PATH to its end; blocks. It runs in the network namespace of the calling thread.
  package static func run(_ arguments: [String]) throws(TestFailure) -> Command {
    var ends: [Int32] = [0, 0]
    // Other tests' children must not keep our end open.
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw TestFailure(call: "socketpair", errno: errno)
    }
    defer { close(ends[0]) }
    let process: pid_t
    do {
      defer { close(ends[1]) }
      process = try start(arguments, output: ends[1], error: ends[1])
    }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(ends[0], &chunk, chunk.count), count > 0 { output += chunk[..<count] }
    return Command(status: wait(for: process), output: String(decoding: output, as: UTF8.self))
  }

  /// Starts a command found in PATH, with these descriptors as its standard streams; nil for our own.
  package static func start(
    _ arguments: [String], input: Int32? = nil, output: Int32? = nil, error: Int32? = nil
  ) throws(TestFailure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (stream, descriptor) in [input, output, error].enumerated() {
      if let descriptor { posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(stream)) }
    }
    var words = arguments.map { (word: String) -> UnsafeMutablePointer<CChar>? in strdup(word) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let failure = posix_spawnp(&process, arguments[0], &actions, nil, &words, environ)
    guard failure == 0 else { throw TestFailure(call: arguments.joined(separator: " "), errno: failure) }
    return process
  }

  /// Waits for the end of a process of ours.
  ///
  /// - Returns: its exit status; 128 + signal for one that was killed.
  @discardableResult
  package static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
  }
}
