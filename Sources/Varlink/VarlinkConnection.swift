// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Platform

/// A server's end of a connection: the socket, its sources, and the bytes on their way. It belongs to the server's
/// queue, and to nobody else.
final class VarlinkConnection {
  /// What reading came to.
  enum Received {
    case bytes, nothingYet, end, failed
  }

  /// What writing came to.
  enum Sent {
    case all, some, failed
  }

  /// A turn's worth of bytes: what one caller sends must not keep the others waiting.
  private static let readSize = 16_384

  let id: UInt64
  let peer: VarlinkCall.Credentials
  /// Whose connections it counts among.
  let party: Admission.Party
  var framer: MessageFramer
  /// A call is being answered.
  var isBusy = false
  /// The caller will send no more.
  var isAtEnd = false
  /// Nothing more is read; what is unsent goes out first.
  var isClosing = false
  /// When a request was last completed or a part of a reply read; ns of DispatchTime.
  var lastActive: UInt64

  private let descriptor: Descriptor
  private let reader: PausableSource
  private let writer: PausableSource
  private var unsent: [UInt8] = []
  private var sent = 0
  private var isClosed = false

  /// - Parameters:
  ///   - onReadable: called on the queue while reading is not paused; it starts paused, as writing does.
  ///   - onWritable: called on the queue while a reply is unsent.
  init(
    id: UInt64, descriptor: Descriptor, peer: VarlinkCall.Credentials, limits: VarlinkLimits, now: UInt64,
    queue: DispatchQueue, onReadable: @escaping () -> Void, onWritable: @escaping () -> Void
  ) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    // 0 is a process of a pid namespace that we do not see, and getsid(0) would be our own session.
    let session = peer.pid > 0 ? getsid(peer.pid) : -1
    party = Admission.Party(uid: peer.uid, session: session > 0 ? session : nil, process: peer.pid)
    framer = MessageFramer(limit: limits.requestBytes)
    lastActive = now
    let number = descriptor.number
    reader = PausableSource(
      DispatchSource.makeReadSource(fileDescriptor: number, queue: queue), watching: descriptor, onReadable)
    writer = PausableSource(
      DispatchSource.makeWriteSource(fileDescriptor: number, queue: queue), watching: descriptor, onWritable)
  }

  /// Bytes of replies that the caller has not taken.
  var unreadBytes: Int { unsent.count - sent }
  /// The memory that what is unsent takes: callers that got the same reply hold the same.
  var unreadMemory: Memory {
    unsent.withUnsafeBytes { Memory(address: $0.baseAddress.map(UInt.init(bitPattern:)), bytes: $0.count) }
  }

  struct Memory: Hashable {
    var address: UInt?
    var bytes: Int
  }

  /// Whether anything may be read: `onReadable` is called when there is.
  func setReading(_ on: Bool) { reader.setRunning(on && !isAtEnd && !isClosed) }

  /// Reads once.
  func receive() -> Received {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.readSize) { buffer, count in
      let result = recv(descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
      failure = result < 0 ? errno : 0
      count = max(0, result)
    }
    switch failure {
    case 0: break
    case EAGAIN, EINTR: return .nothingYet
    default: return .failed
    }
    if bytes.isEmpty { return .end }
    framer.append(bytes)
    return .bytes
  }

  /// Puts a message behind what is unsent; ``flush(now:)`` sends it.
  func enqueue(_ message: VarlinkMessage) {
    // A reply alone is held as it is, in the memory that others hold as well.
    if unsent.isEmpty { unsent = message.bytes } else { unsent += message.bytes }
  }

  /// Sends what the socket takes now; `onWritable` is called when it takes more.
  func flush(now: UInt64) -> Sent {
    while sent < unsent.count {
      let (result, failure) = unsent.withUnsafeBytes { bytes in
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let result = send(descriptor.number, rest.baseAddress, rest.count, flags)
        return (result, result < 0 ? errno : 0)
      }
      switch failure {
      case 0:
        sent += result
        lastActive = now
      case EINTR: continue
      case EAGAIN:
        writer.setRunning(true)
        return .some
      default: return .failed
      }
    }
    unsent = []
    sent = 0
    writer.setRunning(false)
    return .all
  }

  /// Closes the socket once its sources have let go of it.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    unsent = []
    sent = 0
    reader.cancel()
    writer.cancel()
    // The sources' cancel handlers come a turn later; the caller learns at once.
    shutdown(descriptor.number, Int32(SHUT_RDWR))
  }

  /// unix(7), SO_PEERCRED.
  static func credentials(of descriptor: Descriptor) -> VarlinkCall.Credentials? {
    var peer = clinux_ucred()
    var length = socklen_t(MemoryLayout<clinux_ucred>.size)
    guard getsockopt(descriptor.number, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0,
      length == MemoryLayout<clinux_ucred>.size
    else { return nil }
    return VarlinkCall.Credentials(uid: peer.uid, gid: peer.gid, pid: peer.pid)
  }
}
