// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import TestSupport

/// This process's share of what is global on a machine: names of containers, namespaces and control groups
/// begin with `mcastd-PID-`, its files are in /run/mcastd-tests/PID. A run that was killed leaves its share
/// behind; the next one clears it away.
final class TestRun: Sendable {
  /// Made, and what dead runs left behind cleared away, at first use.
  static let current = Result { () throws(TestFailure) -> TestRun in try TestRun() }

  let prefix = "mcastd-\(getpid())"
  let directory = "\(TestRun.directories)/\(getpid())"
  private let lock: Int32
  private let names = Atomic<UInt64>(0)

  private static let directories = "/run/mcastd-tests"

  private init() throws(TestFailure) {
    mkdir(Self.directories, 0o755)
    for name in entries(of: Self.directories) where pid_t(name) != nil {
      let path = "\(Self.directories)/\(name)"
      // Held as long as the run lives: numbers of processes come again, locks do not.
      let lock = open("\(path)/lock", O_RDWR | O_CLOEXEC)
      guard lock == -1 || flock(lock, LOCK_EX | LOCK_NB) == 0 else {
        close(lock)
        continue
      }
      clearAway(prefix: "mcastd-\(name)-", directory: path)
      if lock != -1 { close(lock) }
    }
    mkdir(directory, 0o700)
    lock = open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock != -1, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw TestFailure(call: "locking \(directory)", errno: errno)
    }
    atexit {
      if let run = try? TestRun.current.get() {
        clearAway(prefix: run.prefix + "-", directory: run.directory)
      }
    }
  }

  /// A name that nothing else on the machine has.
  func uniqueName(_ kind: String) -> String {
    "\(prefix)-\(kind)\(names.add(1, ordering: .relaxed).newValue)"
  }
}
