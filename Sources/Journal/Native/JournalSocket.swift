// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A non-blocking datagram socket to journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
///
/// It never blocks: when journald is stopped or slow, send(2) fails with EAGAIN after net.unix.max_dgram_qlen
/// messages, where sd_journal_sendv(3) would block. After `.busy` pause for about 1 ms and send again, rather
/// than poll(2), by which fewer entries are written (docs/FACTS.md, "What an entry costs").
///
/// It connects at the first `send`, and again when journald's socket was replaced, so callers need not know
/// of a journald that is restarted or starts later.
///
/// Not Sendable: `JournalWriter` guards it with its lock.
package final class JournalSocket {
  private static let defaultPath = "/run/systemd/journal/socket"
  /// Bytes of send buffer requested, as by sd_journal_sendv. Limited to net.core.wmem_max without
  /// CAP_NET_ADMIN.
  private static let defaultSendBuffer = 8 << 20
  /// Entries handed to the kernel in one sendmmsg(2).
  static let batchLimit = 64

  /// The fate of the first entry that was not taken.
  package enum Outcome: Equatable, Sendable {
    /// All were taken.
    case all
    /// journald's queue is full: retry the same entry later.
    case busy
    /// No journald, or no permission (ENOENT, ECONNREFUSED, EACCES …): retry the same entry later.
    case absent(errno: Int32)
    /// This entry can never be sent: skip it.
    case refused
  }

  struct Result: Equatable, Sendable {
    /// How many entries, from the first, the kernel accepted. Exact, whatever the outcome.
    var taken: Int
    var outcome: Outcome
  }

  private let owned: OwnedDescriptor
  private var descriptor: Int32 { owned.number }
  private let address: UnixAddress
  private let headers: UnsafeMutablePointer<clinux_mmsghdr>
  private var isConnected = false

  /// A socket to the journald of this system.
  ///
  /// - Throws: `JournalError.call` when socket(2) fails.
  package convenience init() throws(JournalError) { try self.init(path: Self.defaultPath) }

  /// - Parameters:
  ///   - path: journald's socket; it need not exist yet.
  ///   - sendBuffer: bytes; larger entries are passed in a memfd.
  /// - Throws: `JournalError.pathTooLong`, or `.call` when socket(2) fails.
  init(path: String, sendBuffer: Int = JournalSocket.defaultSendBuffer) throws(JournalError) {
    guard let address = UnixAddress(path: path) else { throw .pathTooLong(path) }
    self.address = address
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .call("socket", object: path, errno: errno) }
    owned = OwnedDescriptor(owning: descriptor)
    headers = .allocate(capacity: Self.batchLimit)
    headers.initialize(repeating: clinux_mmsghdr(), count: Self.batchLimit)
    var size = Int32(clamping: sendBuffer)
    let length = socklen_t(MemoryLayout<Int32>.size)
    // A smaller buffer than requested is no failure: EAGAIN comes sooner, and more entries go by memfd.
    if setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, length) != 0 {
      _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, length)
    }
  }

  deinit { headers.deallocate() }

  /// Sends entries in order, until one is not taken.
  ///
  /// - Parameter entries: one whole entry each, as `JournalEntryBuilder` writes it, none of them empty.
  func send(_ entries: UnsafeBufferPointer<iovec>) -> Result {
    var taken = 0
    var reconnected = false
    while taken < entries.count {
      let refusal = isConnected ? 0 : connectAgain()
      guard refusal == 0 else { return Result(taken: taken, outcome: .absent(errno: refusal)) }
      let (sent, code) = sendBatch(UnsafeBufferPointer(rebasing: entries[taken...].prefix(Self.batchLimit)))
      if sent > 0 {
        // After part of a batch sendmmsg(2) does not return the error; the next call does.
        taken += sent
        continue
      }
      let outcome =
        // ENOBUFS: no contiguous memory for a large datagram. sd_journal_sendv(3) does the same.
        code == EMSGSIZE || code == ENOBUFS ? sendByMemory(entries[taken]) : Self.outcome(of: code)
      if outcome == .all {
        taken += 1
        continue
      }
      if case .absent = outcome {
        isConnected = false
        // The socket was removed; there may be a new one in its place already.
        if !reconnected {
          reconnected = true
          continue
        }
      }
      return Result(taken: taken, outcome: outcome)
    }
    return Result(taken: taken, outcome: .all)
  }

  /// Sends one entry.
  package func send(_ entry: UnsafeRawBufferPointer) -> Outcome {
    let vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: entry.baseAddress), iov_len: entry.count)
    return withUnsafePointer(to: vector) { send(UnsafeBufferPointer(start: $0, count: 1)).outcome }
  }

  /// - Returns: 0, or errno.
  private func connectAgain() -> Int32 {
    let descriptor = descriptor
    let code = address.withSockaddr { connect(descriptor, $0, $1) == 0 ? 0 : errno }
    isConnected = code == 0
    return code
  }

  /// - Returns: the number of entries taken; 0 with errno.
  private func sendBatch(_ batch: UnsafeBufferPointer<iovec>) -> (sent: Int, errno: Int32) {
    for index in batch.indices {
      headers[index].msg_hdr.msg_iov = UnsafeMutablePointer(mutating: batch.baseAddress.map { $0 + index })
      headers[index].msg_hdr.msg_iovlen = 1
    }
    let sent = clinux_sendmmsg(descriptor, headers, UInt32(batch.count), Int32(MSG_NOSIGNAL))
    return sent > 0 ? (Int(sent), 0) : (0, errno)
  }

  /// Sends an entry in a memfd.
  ///
  /// - Returns: `.all` when it was taken.
  private func sendByMemory(_ entry: iovec) -> Outcome {
    do throws(JournalError) {
      let bytes = UnsafeRawBufferPointer(start: entry.iov_base, count: entry.iov_len)
      let memory = try SealedMemory.copying(bytes)
      let code = sendDescriptor(memory.descriptor)
      return switch code {
      case 0: .all
      // A security module may forbid descriptors but not datagrams: go on with the next entry.
      case EACCES, EPERM: .refused
      default: Self.outcome(of: code)
      }
    } catch {
      // The error is memfd_create's, not the socket's. With EMFILE a retry would hold up all other entries.
      return .refused
    }
  }

  /// Sends a datagram without payload that passes one descriptor: SCM_RIGHTS, unix(7).
  ///
  /// - Returns: 0, or errno.
  private func sendDescriptor(_ passed: Int32) -> Int32 {
    withUnsafeTemporaryAllocation(
      byteCount: clinux_cmsg_space(MemoryLayout<Int32>.size), alignment: MemoryLayout<cmsghdr>.alignment
    ) { control in
      control.initializeMemory(as: UInt8.self, repeating: 0)
      var message = msghdr()
      message.msg_control = control.baseAddress
      message.msg_controllen = control.count
      guard let header = clinux_cmsg_first(&message) else { return EINVAL }
      header.pointee.cmsg_level = SOL_SOCKET
      header.pointee.cmsg_type = Int32(SCM_RIGHTS)
      header.pointee.cmsg_len = clinux_cmsg_len(MemoryLayout<Int32>.size)
      clinux_cmsg_data(header).storeBytes(of: passed, as: Int32.self)
      return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)) >= 0 ? 0 : errno
    }
  }

  /// The outcome for an errno of send(2) or connect(2).
  static func outcome(of code: Int32) -> Outcome {
    switch code {
    // ETOOMANYREFS: too many descriptors that journald has not received yet, unix(7).
    case EAGAIN, EINTR, ENOMEM, ETOOMANYREFS: .busy
    case ENOTCONN, ECONNREFUSED, ECONNRESET, EPIPE, ENOENT, EDESTADDRREQ, EPROTOTYPE, EACCES, EPERM:
      .absent(errno: code)
    default: .refused
    }
  }
}

extension JournalSocket {
  /// Waits until journald has processed everything that was sent, so that the process may end.
  ///
  /// journald looks up an entry's unit by its sender's process: entries that are processed after the process
  /// has ended are missing from `journalctl -u`.
  ///
  /// The kernel returns how many bytes are unread (SIOCOUTQ, unix(7)). An empty datagram, which the protocol
  /// ignores, is sent last: when it was read, the entry before it has been processed.
  ///
  /// - Returns: false after `timeout`.
  @discardableResult
  package func settle(within timeout: Duration) -> Bool {
    let deadline = ContinuousClock.now + timeout
    guard waitUntilRead(deadline) else { return false }
    _ = Glibc.send(descriptor, nil, 0, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    return waitUntilRead(deadline)
  }

  private func waitUntilRead(_ deadline: ContinuousClock.Instant) -> Bool {
    while true {
      var unread: Int32 = 0
      guard ioctl(descriptor, UInt(TIOCOUTQ), &unread) == 0 else { return false }
      if unread == 0 { return true }
      guard ContinuousClock.now < deadline else { return false }
      var pause = timespec(tv_sec: 0, tv_nsec: 500_000)
      nanosleep(&pause, nil)
    }
  }
}
