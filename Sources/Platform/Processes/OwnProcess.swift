// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Work in a process of its own, for whose end nobody waits: while one of its threads is in a call that the
/// kernel does not let go of, as a read of a file system that does not answer, a process cannot end.
package enum OwnProcess {
  /// Runs `body` in a copy of this process, which is to have no other threads; where there can be no copy, in
  /// this one.
  ///
  /// - Parameter body: Prints as it likes until it returns.
  /// - Returns: What it returned; 128 + signal where it was killed.
  package static func status(of body: () -> Int32) -> Int32 {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return body() }
    let process = clinux_fork()
    if process == 0 {
      close(ends[0])
      leave(body(), telling: ends[1])
    }
    close(ends[1])
    defer { close(ends[0]) }
    guard process > 0 else { return body() }
    return told(by: ends[0]) ?? ChildProcess.status(of: process)
  }

  private static func leave(_ status: Int32, telling end: Int32) -> Never {
    // Who reads what was printed waits for the last that could print more.
    let nowhere = open("/dev/null", O_RDWR)
    for descriptor in STDIN_FILENO...STDERR_FILENO { dup2(nowhere, descriptor) }
    withUnsafeBytes(of: status) { _ = write(end, $0.baseAddress, $0.count) }
    _exit(status)
  }

  private static func told(by end: Int32) -> Int32? {
    var status: Int32 = 0
    let count = withUnsafeMutableBytes(of: &status) { bytes in
      while true {
        let count = read(end, bytes.baseAddress, bytes.count)
        if count >= 0 || errno != EINTR { return count }
      }
    }
    return count == MemoryLayout<Int32>.size ? status : nil
  }
}
