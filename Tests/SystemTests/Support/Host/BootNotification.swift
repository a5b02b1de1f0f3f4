// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The socket to which systemd-nspawn reports (sd_notify(3)): which process is the container's first, and
/// when its systemd says READY=1. An event, where polling `systemctl is-system-running` would be a guess.
struct BootNotification {
  let path: String
  private let socket: Int32

  init(path: String) throws {
    self.path = path
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    socket = Glibc.socket(AF_UNIX, type, 0)
    guard socket != -1 else { throw HarnessError("socket", errno: errno) }
    unlink(path)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    precondition(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafeBytes(of: &address) {
      bind(socket, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
    }
    guard bound == 0 else {
      defer { close(socket) }
      throw HarnessError("binding \(path)", errno: errno)
    }
  }

  /// Closes the socket when done.
  ///
  /// - Parameter limit: for each of the few messages.
  /// - Throws: ``HarnessError`` when none comes within `limit`.
  /// - Returns: the number of the container's first process.
  func wait(within limit: Duration) async throws -> pid_t {
    try await withCheckedThrowingContinuation { continuation in
      onOwnThread { [self] in
        defer {
          close(socket)
          unlink(path)
        }
        continuation.resume(with: Result { try receive(limit) })
      }
    }
  }

  private func receive(_ limit: Duration) throws -> pid_t {
    var patience = timeval(tv_sec: Int(limit.components.seconds), tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var buffer = [UInt8](repeating: 0, count: 4096)
    var leader: pid_t?
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count == -1, errno == EINTR { continue }
      guard count >= 0 else { throw HarnessError("waiting for a container to boot", errno: errno) }
      for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n") {
        if line.hasPrefix("X_NSPAWN_LEADER_PID=") { leader = pid_t(line.dropFirst(20)) }
        if line == "READY=1", let leader { return leader }
      }
    }
  }
}
