// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Captures multicast packets on every interface, ahead of reverse-path filter and firewall (packet(7)).
/// Needs CAP_NET_RAW.
package final class PacketCaptureSocket {
  private let socket: OwnedSocket
  /// Only headers are needed: 60 bytes of IPv4, or IPv6 with extension headers, and the header that follows.
  private var buffer = [UInt8](repeating: 0, count: 512)

  package var descriptor: Int32 { socket.descriptor }

  /// - Throws: `MulticastError.system`: EPERM without CAP_NET_RAW.
  package init(_ family: AddressFamily) throws(MulticastError) {
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    // Protocol 0 receives nothing until bind(2), so that the filter is attached before the first packet.
    let descriptor = Glibc.socket(AF_PACKET, type, 0)
    guard descriptor >= 0 else {
      throw .system(call: "socket AF_PACKET", object: "the wire", errno: errno)
    }
    socket = OwnedSocket(owning: descriptor)
    try Self.attachFilter(family, to: socket)
    var address = sockaddr_ll()
    address.sll_family = sa_family_t(AF_PACKET)
    address.sll_protocol = UInt16(family == .ipv4 ? ETH_P_IP : ETH_P_IPV6).bigEndian
    let bound = withUnsafePointer(to: &address) {
      bind(
        descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
        socklen_t(MemoryLayout<sockaddr_ll>.size))
    }
    guard bound == 0 else { throw .system(call: "bind AF_PACKET", object: "the wire", errno: errno) }
  }

  /// Passes the packets that arrived since the last call, at most 1000, without those that this host sent.
  ///
  /// - Parameter body: called with the index of the interface and the packet.
  package func drain(_ body: (UInt32, CapturedPacket) -> Void) {
    for _ in 0..<1000 {
      var sender = sockaddr_ll()
      var length = socklen_t(MemoryLayout<sockaddr_ll>.size)
      let count = withUnsafeMutablePointer(to: &sender) { sender in
        buffer.withUnsafeMutableBytes {
          recvfrom(
            socket.descriptor, $0.baseAddress, $0.count, 0,
            UnsafeMutableRawPointer(sender).assumingMemoryBound(to: sockaddr.self), &length)
        }
      }
      guard count >= 0 else {
        if errno == EINTR { continue }
        return
      }
      let isOwn =
        Int32(sender.sll_pkttype) == PACKET_OUTGOING || Int32(sender.sll_pkttype) == PACKET_LOOPBACK
      if !isOwn { body(UInt32(bitPattern: sender.sll_ifindex), CapturedPacket(buffer[..<count])) }
    }
  }

  /// Accepts packets to groups only, so that not all traffic of a busy host is copied: classic BPF on the
  /// first byte of the destination, from the IP header on.
  private static func attachFilter(
    _ family: AddressFamily, to socket: borrowing OwnedSocket
  ) throws(MulticastError) {
    let load = UInt16(BPF_LD | BPF_B | BPF_ABS)
    let mask = UInt16(BPF_ALU | BPF_AND | BPF_K)
    let compare = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
    let answer = UInt16(BPF_RET | BPF_K)
    let (offset, bits, value): (UInt32, UInt32, UInt32) =
      family == .ipv4 ? (16, 0xf0, 0xe0) : (24, 0xff, 0xff)
    var program = [
      sock_filter(code: load, jt: 0, jf: 0, k: offset),
      sock_filter(code: mask, jt: 0, jf: 0, k: bits),
      sock_filter(code: compare, jt: 0, jf: 1, k: value),
      sock_filter(code: answer, jt: 0, jf: 0, k: 512),
      sock_filter(code: answer, jt: 0, jf: 0, k: 0),
    ]
    let result = program.withUnsafeMutableBufferPointer { instructions in
      var description = sock_fprog(len: UInt16(instructions.count), filter: instructions.baseAddress)
      return setsockopt(
        socket.descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &description,
        socklen_t(MemoryLayout<sock_fprog>.size))
    }
    guard result == 0 else {
      throw .system(call: "setsockopt SO_ATTACH_FILTER", object: "the wire", errno: errno)
    }
  }
}
