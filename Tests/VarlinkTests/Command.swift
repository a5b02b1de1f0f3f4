// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import Varlink

/// A finished command.
struct Command: Sendable {
  /// Exit status; 128 + signal for one that was killed.
  var status: Int32
  /// What it wrote, on both its outputs.
  var output: String

  /// Runs a command found in PATH to its end; blocks.
  static func run(_ arguments: [String]) throws -> Command {
    var ends: [Int32] = [0, 0]
    // Other tests' children must not keep our end open.
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw POSIXFailure(errno: errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let failure = posix_spawnp(&process, arguments[0], &actions, nil, &words, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard failure == 0 else { throw POSIXFailure(errno: failure) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(ends[0], &chunk, chunk.count), count > 0 { output += chunk[..<count] }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let exit = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    return Command(status: exit, output: String(decoding: output, as: UTF8.self))
  }
}
