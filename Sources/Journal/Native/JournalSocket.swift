// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A non-blocking datagram socket to journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
///
/// It never waits: journald stopped or slow answers EAGAIN after net.unix.max_dgram_qlen messages, where
/// sd_journal_sendv(3) would block its caller. On `.busy` rest about 1 ms and send again, rather than poll for POLLOUT:
/// 25–33,000 entries a second against 21,000, because journald works through its queue undisturbed.
///
/// It connects by itself, at the first `send` and anew when the socket behind it is gone, so that a journald that is
/// restarted, absent at first, or given a new socket needs nothing of the caller.
///
/// Not Sendable: one actor owns it.
package final class JournalSocket {
  package static let defaultPath = "/run/systemd/journal/socket"
  /// Bytes of send buffer asked for, as sd_journal_sendv does. Without CAP_NET_ADMIN net.core.wmem_max caps it.
  package static let defaultSendBuffer = 8 << 20
  /// Entries handed to the kernel in one sendmmsg(2).
  package static let batchLimit = 64

  /// What became of the entry after the last that was taken.
  package enum Outcome: Equatable, Sendable {
    /// There is none: all were taken.
    case all
    /// journald's queue is full: the same entry may be sent again later.
    case busy
    /// Nobody listens, or we may not speak to it (ENOENT, ECONNREFUSED, EACCES …): the same entry may be sent later.
    case absent(errno: Int32)
    /// This entry can never be sent: leave it out and go on with the next.
    case refused(errno: Int32)
  }

  package struct Result: Equatable, Sendable {
    /// How many entries, from the first, the kernel accepted: exact, whatever the outcome.
    package var taken: Int
    package var outcome: Outcome

    package init(taken: Int, outcome: Outcome) {
      self.taken = taken
      self.outcome = outcome
    }
  }

  private let owned: OwnedDescriptor
  package var descriptor: Int32 { owned.number }
  private let address: UnixAddress
  private let headers: UnsafeMutablePointer<clinux_mmsghdr>
  private var isConnected = false

  /// - Parameters:
  ///   - path: The socket that journald listens on; it need not exist yet.
  ///   - sendBuffer: Bytes; entries beyond the socket's limit go by memfd.
  /// - Throws: `JournalError.pathTooLong`, or `.call` when no socket can be had.
  package init(
    path: String = JournalSocket.defaultPath,
    sendBuffer: Int = JournalSocket.defaultSendBuffer
  ) throws(JournalError) {
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
    // A smaller buffer than asked for is no failure: EAGAIN comes sooner, and large entries go by memfd.
    if setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, length) != 0 {
      _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, length)
    }
  }

  deinit { headers.deallocate() }

  /// Hands entries to journald, in order, until all are taken or one is not.
  ///
  /// - Parameter entries: A whole entry each, as `JournalEntryBuilder` writes it, none of them empty.
  package func send(_ entries: UnsafeBufferPointer<iovec>) -> Result {
    var taken = 0
    var reconnected = false
    while taken < entries.count {
      let refusal = isConnected ? 0 : connectAgain()
      guard refusal == 0 else { return Result(taken: taken, outcome: .absent(errno: refusal)) }
      let (sent, code) = sendBatch(UnsafeBufferPointer(rebasing: entries[taken...].prefix(Self.batchLimit)))
      if sent > 0 {
        // After a part of a batch sendmmsg(2) does not say why it stopped: the next call does.
        taken += sent
        continue
      }
      let outcome =
        // ENOBUFS: no memory in one piece for a large datagram; sd_journal_sendv(3) does the same.
        code == EMSGSIZE || code == ENOBUFS ? sendByMemory(entries[taken]) : Self.outcome(of: code)
      if outcome == .all {
        taken += 1
        continue
      }
      if case .absent = outcome {
        isConnected = false
        // The socket that we knew is gone; there may be a new one in its place already.
        if !reconnected {
          reconnected = true
          continue
        }
      }
      return Result(taken: taken, outcome: outcome)
    }
    return Result(taken: taken, outcome: .all)
  }

  /// Hands one entry over.
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

  /// - Returns: The number of entries taken; where that is not positive, errno.
  private func sendBatch(_ batch: UnsafeBufferPointer<iovec>) -> (sent: Int, errno: Int32) {
    for index in batch.indices {
      headers[index].msg_hdr.msg_iov = UnsafeMutablePointer(mutating: batch.baseAddress.map { $0 + index })
      headers[index].msg_hdr.msg_iovlen = 1
    }
    let sent = clinux_sendmmsg(descriptor, headers, UInt32(batch.count), Int32(MSG_NOSIGNAL))
    return sent > 0 ? (Int(sent), 0) : (0, errno)
  }

  /// - Returns: `.all` when it was taken.
  private func sendByMemory(_ entry: iovec) -> Outcome {
    do throws(JournalError) {
      let bytes = UnsafeRawBufferPointer(start: entry.iov_base, count: entry.iov_len)
      let memory = try SealedMemory.copying(bytes)
      let code = sendDescriptor(memory.descriptor)
      return switch code {
      case 0: .all
      // A security module that lets datagrams through but no descriptors: no reason to hold up the rest.
      case EACCES, EPERM: .refused(errno: code)
      default: Self.outcome(of: code)
      }
    } catch {
      // EPERM and the like say nothing about the socket here; and one entry must not wait for descriptors (EMFILE)
      // with all others behind it.
      return .refused(errno: error.errno)
    }
  }

  /// Sends a datagram without payload that carries one descriptor: SCM_RIGHTS, unix(7).
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

  /// What a failed send says about the socket, or else about the entry.
  package static func outcome(of code: Int32) -> Outcome {
    switch code {
    // ETOOMANYREFS: descriptors in flight that journald has yet to receive, unix(7).
    case EAGAIN, EINTR, ENOMEM, ETOOMANYREFS: .busy
    case ENOTCONN, ECONNREFUSED, ECONNRESET, EPIPE, ENOENT, EDESTADDRREQ, EPROTOTYPE, EACCES, EPERM:
      .absent(errno: code)
    default: .refused(errno: code)
    }
  }
}
