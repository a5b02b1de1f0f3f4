// SPDX-License-Identifier: Apache-2.0

import Glibc

enum ChildProcess {
  /// Waits for its end, for however long that takes.
  ///
  /// - Returns: Its exit status; 128 + signal where it was killed, as shells have it.
  static func status(of process: pid_t) -> Int32 {
    // Not 0 where there is nothing to wait for (ECHILD).
    var status = EXIT_FAILURE << 8
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    // WIFSIGNALED, WTERMSIG and WEXITSTATUS of wait(2).
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }
}
