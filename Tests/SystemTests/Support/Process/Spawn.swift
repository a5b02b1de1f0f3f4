// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Synchronization
import TestSupport

/// The environment of children: ours, less our own `MCASTD_*` switches, which a daemon would take for
/// settings.
private let inheritedEnvironment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MCASTD_") }

/// A started process and our ends of its standard streams.
struct SpawnedProcess {
  let identifier: pid_t
  let input: Int32
  let output: Int32
  let error: Int32
}

/// A pipe(2) is marked close-on-exec only after it was made (pipe2(2) is not imported): a child started in
/// between by another thread would hold it open, and the end of file would wait for that child.
private let spawning = Mutex(())

/// Starts a program found in PATH, with pipes for its standard streams and nothing else of ours: no
/// descriptor open, no signal blocked or ignored.
func spawn(_ arguments: [String], environment: [String: String]) throws -> SpawnedProcess {
  try spawning.withLock { _ in
    let input = try Pipe()
    let output = try Pipe()
    let error = try Pipe()
    defer {
      close(input.read)
      close(output.write)
      close(error.write)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.read, 0)
    posix_spawn_file_actions_adddup2(&actions, output.write, 1)
    posix_spawn_file_actions_adddup2(&actions, error.write, 2)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let variables = inheritedEnvironment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    var argumentPointers = arguments.map { strdup($0) } + [nil]
    var variablePointers = variables.map { strdup($0) } + [nil]
    defer {
      for pointer in argumentPointers + variablePointers { free(pointer) }
    }
    var process: pid_t = 0
    let result = posix_spawnp(
      &process, arguments[0], &actions, &attributes, &argumentPointers, &variablePointers)
    guard result == 0 else { throw TestFailure(call: "starting \(arguments[0])", errno: result) }
    return SpawnedProcess(
      identifier: process, input: input.write, output: output.read, error: error.read)
  }
}

private struct Pipe {
  let read: Int32
  let write: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw TestFailure(call: "pipe", errno: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (read, write) = (ends[0], ends[1])
  }
}
