// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// The end of a socket that journald, or systemd, would have: AF_UNIX, datagrams, bound to a path.
package final class DatagramReceiver: Sendable {
  package struct Datagram {
    package var bytes: [UInt8]
    /// Passed by SCM_RIGHTS; the test closes it.
    package var descriptor: Int32?
  }

  package let descriptor: Int32
  package let path: String
  /// Kept, or its end would take the socket's path with it.
  private let directory: TemporaryDirectory?

  package convenience init(in directory: TemporaryDirectory) throws {
    try self.init(path: "\(directory.path)/socket", directory: directory)
  }

  /// - Parameter path: below a directory that outlives the receiver.
  package convenience init(path: String) throws { try self.init(path: path, directory: nil) }

  private init(path: String, directory: TemporaryDirectory?) throws {
    self.directory = directory
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let bound = UnixAddress(path: path)?.withSockaddr { [descriptor] in bind(descriptor, $0, $1) }
    guard descriptor >= 0, bound == 0 else { throw TestFailure(call: "bind \(path)", errno: errno) }
  }

  /// Closed and its path removed: journald's socket unit stopped.
  deinit {
    close(descriptor)
    unlink(path)
  }

  /// The next datagram that has arrived; nil when there is none.
  package func receive() -> Datagram? { Self.receive(from: descriptor) }

  /// The next datagram; waits for it.
  ///
  /// - Parameter seconds: a test that waits for what never comes fails; it does not hang.
  /// - Returns: nil when none came; one without bytes after ``stop()``.
  package func next(within seconds: Int = 20) -> Datagram? {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return Self.receive(from: descriptor, flags: 0)
  }

  /// Ends ``next(within:)`` for a thread that waits in it. The path stays.
  package func stop() { shutdown(descriptor, Int32(SHUT_RD)) }

  package static func receive(from descriptor: Int32, flags: Int32 = Int32(MSG_DONTWAIT)) -> Datagram? {
    // What is waiting is measured first: to fill a megabyte for each datagram would be most of the work.
    let size = recv(descriptor, nil, 0, flags | Int32(MSG_PEEK) | Int32(MSG_TRUNC))
    guard size >= 0 else { return nil }
    var memory = [UInt8](repeating: 0, count: size)
    var control = [UInt8](repeating: 0, count: 64)
    return memory.withUnsafeMutableBytes { memory in
      control.withUnsafeMutableBytes { control in
        var vector = iovec(iov_base: memory.baseAddress, iov_len: memory.count)
        return withUnsafeMutablePointer(to: &vector) { vector in
          var message = msghdr()
          message.msg_iov = vector
          message.msg_iovlen = 1
          message.msg_control = control.baseAddress
          message.msg_controllen = control.count
          let count = recvmsg(descriptor, &message, flags)
          guard count >= 0 else { return nil }
          let passed = clinux_cmsg_first(&message).map { clinux_cmsg_data($0).load(as: Int32.self) }
          return Datagram(bytes: Array(memory[..<count]), descriptor: passed)
        }
      }
    }
  }

  /// Everything that has arrived.
  package func receiveAll() -> [Datagram] {
    var all: [Datagram] = []
    while let next = receive() { all.append(next) }
    return all
  }
}
