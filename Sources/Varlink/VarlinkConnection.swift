// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// The server's end of a connection: socket and buffers. Confined to the server's queue.
final class VarlinkConnection {
  /// Result of a read.
  enum Received {
    case bytes, nothingYet, end, failed
  }

  /// Result of a write.
  enum Sent {
    case all, some, failed
  }

  /// Bytes read in one turn, so that one caller cannot delay the others.
  private static let readSize = 16_384

  let id: UInt64
  let peer: VarlinkCall.Credentials
  /// Whose connections it is counted with.
  let principal: Admission.Principal
  var framer: MessageFramer
  /// A call is being answered.
  var isBusy = false
  /// The replies to a call that has several, until the last one is enqueued.
  var replies: VarlinkReplies?
  /// Answers the call that has several replies; nil when it has returned.
  var handler: Task<Void, Never>?
  /// The caller has shut down its sending side.
  var isAtEnd = false
  /// Closes once the unsent bytes are sent; nothing more is read.
  var isClosing = false
  /// When a request was last completed or a part of a reply was read, in ns of DispatchTime.
  var lastActive: UInt64

  private let descriptor: Descriptor
  private let watch: PolledDescriptor
  private var unsent: [UInt8] = []
  private var sent = 0
  private(set) var isClosed = false

  /// - Parameters:
  ///   - onReadable: called on the queue while reading is not paused; it starts paused, as writing does.
  ///   - onWritable: called on the queue while a reply is unsent.
  init(
    id: UInt64, descriptor: Descriptor, peer: VarlinkCall.Credentials, limits: VarlinkLimits, now: UInt64,
    poll: DescriptorPoll, onReadable: @escaping () -> Void, onWritable: @escaping () -> Void
  ) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    // 0 is a process of a pid namespace that is not visible here; getsid(0) would be our own session.
    let session = peer.pid > 0 ? getsid(peer.pid) : -1
    principal = Admission.Principal(uid: peer.uid, session: session > 0 ? session : nil, process: peer.pid)
    framer = MessageFramer(limit: limits.requestBytes)
    lastActive = now
    watch = PolledDescriptor(on: poll, descriptor, onReadable: onReadable, onWritable: onWritable)
  }

  /// Has a stream, or one whose handler still runs.
  var isStreaming: Bool { replies != nil || handler != nil }
  /// Bytes of a stream that wait behind the unread ones.
  var waitingBytes: Int { replies?.waitingBytes ?? 0 }
  /// Bytes of replies that the caller has not read.
  var unreadBytes: Int { unsent.count - sent }
  /// The buffers of unsent replies. Callers that got the same reply share one.
  var unreadMemory: Memory {
    unsent.withUnsafeBytes { Memory(address: $0.baseAddress.map(UInt.init(bitPattern:)), bytes: $0.count) }
  }

  struct Memory: Hashable {
    var address: UInt?
    var bytes: Int
  }

  /// Whether `onReadable` is called.
  func setReading(_ on: Bool) { watch.setReading(on && !isAtEnd && !isClosed) }

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

  /// unix(7): the caller has closed, or shut down both directions. After the end of what it sent
  /// (``Received/end``) this tells whether it still reads.
  var isHungUp: Bool {
    var entry = pollfd(fd: descriptor.number, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0
  }

  /// Appends messages to the unsent bytes; ``flush(now:)`` sends them.
  func enqueue(_ messages: [UInt8]) {
    // A single reply is kept as it is, so that its buffer stays shared.
    if unsent.isEmpty { unsent = messages } else { unsent += messages }
  }

  /// Sends as much as the socket accepts; `onWritable` is called when it accepts more.
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
        watch.setWriting(true)
        return .some
      default: return .failed
      }
    }
    unsent = []
    sent = 0
    watch.setWriting(false)
    return .all
  }

  /// Ends a stream, and what the caller still reads; the socket is closed with this.
  func close() {
    guard !isClosed else { return }
    isClosed = true
    handler?.cancel()
    replies?.close()
    replies = nil
    unsent = []
    sent = 0
    watch.cancel()
    // Whoever holds this may do so for a turn; shutdown(2) tells the caller now.
    shutdown(descriptor.number, Int32(SHUT_RDWR))
  }

  /// unix(7), SO_PEERCRED.
  static func credentials(of descriptor: Descriptor) -> VarlinkCall.Credentials? {
    var peer = clinux_ucred()
    var length = socklen_t(MemoryLayout<clinux_ucred>.size)
    guard getsockopt(descriptor.number, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0,
      length == MemoryLayout<clinux_ucred>.size
    else { return nil }
    return VarlinkCall.Credentials(
      uid: peer.uid, gid: peer.gid, groups: groups(of: descriptor), pid: peer.pid)
  }

  /// Groups of a caller that count at most; the kernel allows 65,536.
  private static let mostGroups = 1024

  /// unix(7), SO_PEERGROUPS; none where there are too many.
  private static func groups(of descriptor: Descriptor) -> Set<gid_t> {
    withUnsafeTemporaryAllocation(of: gid_t.self, capacity: mostGroups) { groups in
      var length = socklen_t(groups.count * MemoryLayout<gid_t>.stride)
      guard
        getsockopt(descriptor.number, SOL_SOCKET, Int32(CLINUX_SO_PEERGROUPS), groups.baseAddress, &length)
          == 0
      else { return [] }
      return Set(groups.prefix(Int(length) / MemoryLayout<gid_t>.stride))
    }
  }
}
