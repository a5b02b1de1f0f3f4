// SPDX-License-Identifier: Apache-2.0

import CSystemd
import Glibc
import Platform

/// Reports the state of the service to systemd; sd_notify(3). Without NOTIFY_SOCKET every call does nothing.
///
/// A call may block: libsystemd sends with a blocking sendmsg(2), which waits once more than
/// net.unix.max_dgram_qlen messages stand unread in the queue of PID 1 (measured with libsystemd 252: the
/// 12th at a length of 10; a booted system has 512). That takes a service manager that hangs for minutes, and
/// then the watchdog is not enforced either; still, call it from the daemon's queue, never from a loop that
/// sends or receives.
package struct ServiceNotifier: Sendable {
  /// Longest STATUS= in bytes. systemd ignores a whole message over 4096 bytes (NOTIFY_BUFFER_MAX).
  private static let statusLimit = 1024

  /// Whether there is a service manager.
  private let isActive: Bool

  /// Looks for NOTIFY_SOCKET.
  package init() {
    isActive = getenv("NOTIFY_SOCKET") != nil
  }

  /// READY=1: start-up, or a reload, is complete.
  ///
  /// - Throws: `SystemdError.call`
  func ready(status text: String) throws(SystemdError) {
    try send(["READY=1", Self.status(text)])
  }

  /// STATUS=: a line for people, in `systemctl status`.
  ///
  /// - Throws: `SystemdError.call`
  func status(_ text: String) throws(SystemdError) {
    try send([Self.status(text)])
  }

  /// RELOADING=1 with MONOTONIC_USEC, which systemd from 253 on requires; `ready` ends it.
  ///
  /// - Throws: `SystemdError.call`
  func reloading(status text: String) throws(SystemdError) {
    let microseconds = Clocks.monotonic() / 1000
    try send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)", Self.status(text)])
  }

  /// STOPPING=1: the first thing on SIGTERM.
  ///
  /// - Throws: `SystemdError.call`
  func stopping(status text: String) throws(SystemdError) {
    try send(["STOPPING=1", Self.status(text)])
  }

  /// EXTEND_TIMEOUT_USEC=: what goes on, as a stop does, may take this much longer from now.
  ///
  /// - Throws: `SystemdError.call`
  func extendTimeout(to time: Duration) throws(SystemdError) {
    try send(["EXTEND_TIMEOUT_USEC=\(time.nanoseconds / 1000)"])
  }

  /// WATCHDOG=1: restarts the watchdog's interval (`Watchdog.interval`).
  ///
  /// - Throws: `SystemdError.call`
  func watchdog() throws(SystemdError) {
    try send(["WATCHDOG=1"])
  }

  /// Sends assignments (`NAME=value`) in one message, with descriptors if any. Control characters are
  /// escaped: a newline would begin another assignment.
  ///
  /// - Throws: `SystemdError.call`
  func send(_ assignments: [String], descriptors: [Int32] = []) throws(SystemdError) {
    guard isActive else { return }
    let message = assignments.map(PlainText.oneLine).joined(separator: "\n")
    // The environment stays as it is: unsetenv(3) would race with every getenv of another thread.
    let result = sd_pid_notify_with_fds(0, 0, message, descriptors, UInt32(descriptors.count))
    guard result >= 0 else {
      throw .call("sd_notify", object: PlainText.oneLine(message), errno: -result)
    }
  }

  private static func status(_ text: String) -> String {
    "STATUS=" + PlainText.clipped(PlainText.oneLine(text), to: statusLimit)
  }
}
