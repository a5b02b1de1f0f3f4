// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A NETLINK_ROUTE socket, closed with its owner. Needs no privilege, only AF_NETLINK in a sandbox.
struct NetlinkSocket: ~Copyable {
  /// Result of one receive.
  enum Reception: Equatable {
    case messages([NetlinkEnvelope])
    /// No message is queued.
    case nothing
    /// The kernel dropped messages (ENOBUFS, netlink(7)), or one was larger than the buffer.
    case lost
  }

  private let owned: OwnedDescriptor
  var descriptor: Int32 { owned.number }
  /// Dumps come in parts of at most 32 KiB (af_netlink.c), and no event is larger.
  private var buffer = [UInt8](repeating: 0, count: 32 << 10)

  /// - Parameters:
  ///   - groups: event groups to subscribe to; empty for requests only.
  ///   - isBlocking: whether `receive` waits for a message (2 s at most).
  init(groups: [rtnetlink_groups] = [], isBlocking: Bool) throws(MulticastError) {
    owned = try Self.open(groups: groups, isBlocking: isBlocking)
  }

  /// All messages of one datagram. Datagrams that are not from the kernel are skipped.
  mutating func receive() throws(MulticastError) -> Reception {
    let descriptor = descriptor
    while true {
      var sender = sockaddr_nl()
      var senderLength = socklen_t(MemoryLayout<sockaddr_nl>.size)
      let count = withUnsafeMutablePointer(to: &sender) { sender in
        buffer.withUnsafeMutableBytes {
          recvfrom(
            descriptor, $0.baseAddress, $0.count, Int32(MSG_TRUNC),
            UnsafeMutableRawPointer(sender).assumingMemoryBound(to: sockaddr.self), &senderLength)
        }
      }
      if count < 0 {
        switch errno {
        case EINTR: continue
        case EAGAIN: return .nothing
        case ENOBUFS: return .lost
        default: throw Self.failure("recvfrom AF_NETLINK")
        }
      }
      guard sender.nl_pid == 0 else { continue }
      // With MSG_TRUNC the return value is the full length of the datagram.
      guard count <= buffer.count else { return .lost }
      return .messages(NetlinkEnvelope.parse(buffer[..<count]))
    }
  }

  /// Sends a request to the kernel.
  ///
  /// - Parameters:
  ///   - type: RTM_GETLINK …
  ///   - flags: NLM_F_DUMP or none; NLM_F_REQUEST is added.
  ///   - body: the bytes after the nlmsghdr, padded to 4 bytes.
  func send(type: Int, flags: Int32, sequence: UInt32, body: [UInt8]) throws(MulticastError) {
    var header = nlmsghdr()
    header.nlmsg_len = UInt32(MemoryLayout<nlmsghdr>.size + body.count)
    header.nlmsg_type = UInt16(type)
    header.nlmsg_flags = UInt16(flags | NLM_F_REQUEST)
    header.nlmsg_seq = sequence
    let message = withUnsafeBytes(of: &header) { [UInt8]($0) } + body
    guard message.withUnsafeBytes({ Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }) == message.count
    else { throw Self.failure("send AF_NETLINK") }
  }

  /// Dumps a whole table, in at most three attempts if it changes meanwhile or messages are lost.
  ///
  /// - Throws: `MulticastError.system` when the kernel refuses or does not answer.
  mutating func dump(type: Int, body: [UInt8]) throws(MulticastError) -> [NetlinkMessage] {
    var answer: [NetlinkMessage] = []
    for attempt in UInt32(1)...3 {
      let sequence = attempt
      try send(type: type, flags: NLM_F_ROOT | NLM_F_MATCH, sequence: sequence, body: body)
      var isWhole = true
      var isDone = false
      answer = []
      while !isDone {
        switch try receive() {
        case .nothing: throw .system(call: "recvfrom AF_NETLINK", object: "rtnetlink", errno: ETIMEDOUT)
        case .lost: isWhole = false
        case .messages(let envelopes):
          for envelope in envelopes where envelope.sequence == sequence {
            isWhole = isWhole && !envelope.isInterrupted
            switch envelope.message {
            case .done: isDone = true
            case .error(let errno) where errno != 0:
              throw .system(call: "rtnetlink dump", object: "rtnetlink", errno: errno)
            default: answer.append(envelope.message)
            }
          }
        }
      }
      if isWhole { break }
    }
    return answer
  }

  private static func open(
    groups: [rtnetlink_groups], isBlocking: Bool
  ) throws(MulticastError) -> OwnedDescriptor {
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | (isBlocking ? 0 : O_NONBLOCK)
    let descriptor = socket(AF_NETLINK, type, NETLINK_ROUTE)
    guard descriptor >= 0 else { throw failure("socket AF_NETLINK") }
    let owned = OwnedDescriptor(owning: descriptor)
    try prepare(descriptor, groups: groups)
    return owned
  }

  private static func prepare(_ descriptor: Int32, groups: [rtnetlink_groups]) throws(MulticastError) {
    // The kernel answers at once; the timeout guarantees that the caller cannot hang.
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    let bound = withUnsafePointer(to: &address) {
      bind(
        descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
        socklen_t(MemoryLayout<sockaddr_nl>.size))
    }
    guard bound == 0 else { throw failure("bind AF_NETLINK") }
    for group in groups {
      var number = Int32(bitPattern: group.rawValue)
      let joined = setsockopt(
        descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number, socklen_t(MemoryLayout<Int32>.size))
      guard joined == 0 else { throw failure("setsockopt NETLINK_ADD_MEMBERSHIP") }
    }
  }

  private static func failure(_ call: String) -> MulticastError {
    .system(call: call, object: "rtnetlink", errno: errno)
  }
}

/// The bytes of a C structure, for the body of a request.
func netlinkBody<Structure: BitwiseCopyable>(_ structure: Structure) -> [UInt8] {
  withUnsafeBytes(of: structure) { [UInt8]($0) }
}

/// An attribute of a request, padded to the alignment.
func netlinkAttribute(type: Int, payload: [UInt8]) -> [UInt8] {
  let length = clinux_rta_length(Int32(payload.count))
  var header = rtattr()
  header.rta_len = UInt16(length)
  header.rta_type = UInt16(type)
  let bytes = withUnsafeBytes(of: &header) { [UInt8]($0) } + payload
  return bytes + [UInt8](repeating: 0, count: Int(clinux_rta_align(length)) - bytes.count)
}
