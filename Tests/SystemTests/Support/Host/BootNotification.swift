// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport

/// The socket to which systemd-nspawn reports (sd_notify(3)): which process is the container's first, and
/// when its systemd says READY=1. An event, where polling `systemctl is-system-running` would be a guess.
struct BootNotification {
  private let receiver: DatagramReceiver
  var path: String { receiver.path }

  init(path: String) throws { receiver = try DatagramReceiver(path: path) }

  /// - Parameter limit: for each of the few messages.
  /// - Throws: ``TestFailure`` when none comes within `limit`.
  /// - Returns: the number of the container's first process.
  func wait(within limit: Duration) async throws -> pid_t {
    try await withCheckedThrowingContinuation { continuation in
      OwnThread.run { continuation.resume(with: Result { try receive(limit) }) }
    }
  }

  private func receive(_ limit: Duration) throws -> pid_t {
    var leader: pid_t?
    while true {
      guard let message = receiver.next(within: Int(limit.components.seconds)) else {
        throw TestFailure("no word from a container that is to boot within \(limit)")
      }
      if let descriptor = message.descriptor { close(descriptor) }
      for line in String(decoding: message.bytes, as: UTF8.self).split(separator: "\n") {
        if line.hasPrefix("X_NSPAWN_LEADER_PID=") { leader = pid_t(line.dropFirst(20)) }
        if line == "READY=1", let leader { return leader }
      }
    }
  }
}
