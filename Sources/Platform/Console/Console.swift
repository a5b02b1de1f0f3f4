// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Standard output and standard error, for people.
package enum Console {
  /// errno of the first write to standard output that failed; 0 so far.
  private static let failure = Atomic<Int32>(0)

  /// Writes `mcastd: TEXT` to standard error.
  package static func printError(_ text: ConsoleText) {
    write(error: "mcastd: \(text)\n")
  }

  /// Writes to standard output. After the first failure nothing more is written; see `exitStatus`.
  package static func print(_ text: ConsoleText) {
    guard failure.load(ordering: .acquiring) == 0 else { return }
    note(failure: FileContents.write(Array(text.utf8), to: STDOUT_FILENO))
  }

  /// Writes to standard error. There is nowhere to report a failure of this.
  package static func write(error text: ConsoleText) {
    _ = FileContents.write(Array(text.utf8), to: STDERR_FILENO)
  }

  /// Records that standard output cannot be written to, and reports it once; a reader that closed the pipe
  /// (EPIPE) is no failure.
  package static func note(failure errno: Int32) {
    guard errno != 0,
      failure.compareExchange(expected: 0, desired: errno, ordering: .acquiringAndReleasing).exchanged,
      errno != EPIPE
    else { return }
    printError("cannot write to standard output: \(errnoText(errno))")
  }

  /// Whether standard output has failed: what is printed from now on is lost.
  package static var isBroken: Bool { failure.load(ordering: .acquiring) != 0 }

  /// The exit status of the process, asked for once at its end: output that could not be written makes a
  /// success a failure.
  ///
  /// - Parameter status: the command's own.
  package static func exitStatus(after status: Int32) -> Int32 {
    switch failure.load(ordering: .acquiring) {
    case 0, EPIPE: status
    default: ExitStatus.outputFailed
    }
  }

  /// Occupies descriptors 0 to 2 where they are closed, so that no socket gets such a number and is printed
  /// to. To be called first; writing to those that were closed fails.
  package static func occupyStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest number that is free (open(2)), which is this one.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
