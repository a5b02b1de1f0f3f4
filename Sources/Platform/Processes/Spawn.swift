// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Starts programs. No shell is involved, and nothing of our own environment is passed on.
package enum Spawn {
  /// What every program is given.
  package static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]

  /// The path of the program that runs; nil without /proc.
  package static func ownProgram() -> String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &path, path.count)
    return length > 0
      ? String(decoding: path.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }

  /// Starts a program in the calling thread's network namespace, with no signal blocked. It has /dev/null as
  /// standard input, and of our descriptors those that are not closed on exec.
  ///
  /// - Parameters:
  ///   - output: Becomes its standard output.
  ///   - errors: Becomes its standard error.
  /// - Returns: its process.
  /// - Throws: `FileFailure` of posix_spawn(3).
  package static func start(
    _ path: String, _ arguments: [String], environment: [String] = environment, output: Int32, errors: Int32
  ) throws(FileFailure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var vector = cStrings([path] + arguments)
    var variables = cStrings(environment)
    defer { for word in vector + variables { free(word) } }
    var process = pid_t()
    let failure = posix_spawn(&process, path, &actions, &attributes, &vector, &variables)
    guard failure == 0 else { throw FileFailure(call: "posix_spawn", path: path, errno: failure) }
    return process
  }

  /// With the terminating NULL of execve(2).
  private static func cStrings(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
    words.map { (word: String) -> UnsafeMutablePointer<CChar>? in strdup(word) } + [nil]
  }
}
