// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Buffers for recvmmsg(2): a batch of datagrams of any size, with their control messages.
///
/// Each slot has 65,536 bytes, so that no datagram is truncated. Pages are mapped but not touched: unused
/// ones take no memory. Fields that recvmmsg does not change are set once.
final class ReceiveSlots {
  /// Datagrams in a batch: beyond 64 the system call no longer dominates the cost.
  static let count = 64
  static let slotSize = 65536
  private static let controlSize = 128
  private static let nameSize = MemoryLayout<sockaddr_in6>.size

  let headers: UnsafeMutablePointer<clinux_mmsghdr>
  private let payloads: UnsafeMutableRawPointer
  private let vectors: UnsafeMutablePointer<iovec>
  private let names: UnsafeMutableRawPointer
  private let controls: UnsafeMutableRawPointer
  private let received: UnsafeMutablePointer<ReceivedDatagram>

  /// - Throws: `MulticastError.system` with the errno of mmap(2).
  init() throws(MulticastError) {
    let length = Self.count * Self.slotSize
    let mapped = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped, mapped != MAP_FAILED else {
      throw .system(call: "mmap", object: "the receive slots", errno: errno)
    }
    payloads = mapped
    headers = .allocate(capacity: Self.count)
    vectors = .allocate(capacity: Self.count)
    names = .allocate(byteCount: Self.count * Self.nameSize, alignment: 16)
    controls = .allocate(byteCount: Self.count * Self.controlSize, alignment: 16)
    received = .allocate(capacity: Self.count)
    for slot in 0..<Self.count {
      vectors[slot] = iovec(iov_base: payloads + slot * Self.slotSize, iov_len: Self.slotSize)
      var header = clinux_mmsghdr()
      header.msg_hdr.msg_name = names + slot * Self.nameSize
      header.msg_hdr.msg_iov = vectors + slot
      header.msg_hdr.msg_iovlen = 1
      header.msg_hdr.msg_control = controls + slot * Self.controlSize
      headers[slot] = header
    }
    rearm(Self.count)
  }

  deinit {
    munmap(payloads, Self.count * Self.slotSize)
    headers.deallocate()
    vectors.deallocate()
    names.deallocate()
    controls.deallocate()
    received.deallocate()
  }

  /// Restores the lengths that recvmmsg overwrote in the first `used` slots.
  func rearm(_ used: Int) {
    for slot in 0..<used {
      headers[slot].msg_hdr.msg_namelen = socklen_t(Self.nameSize)
      headers[slot].msg_hdr.msg_controllen = Self.controlSize
    }
  }

  /// The datagrams in the first `used` slots after recvmmsg; valid until the next one.
  func datagrams(
    in used: Int, group: IPAddress, drops: inout UInt32?
  ) -> UnsafeBufferPointer<ReceivedDatagram> {
    var count = 0
    for slot in 0..<used {
      guard let datagram = datagram(at: slot, group: group, drops: &drops) else { continue }
      (received + count).initialize(to: datagram)
      count += 1
    }
    return UnsafeBufferPointer(start: received, count: count)
  }

  /// The datagram in a slot after recvmmsg; `nil` if the kernel gave no source address (it always does for
  /// UDP).
  @inline(__always)
  private func datagram(at slot: Int, group: IPAddress, drops: inout UInt32?) -> ReceivedDatagram? {
    let header = headers + slot
    guard
      let name = header.pointee.msg_hdr.msg_name,
      let source = Endpoint(name, length: Int(header.pointee.msg_hdr.msg_namelen))
    else { return nil }
    // With MSG_TRUNC as a flag the kernel reports the size as sent, however much of it was stored.
    let size = Int(header.pointee.msg_len)
    var datagram = ReceivedDatagram(
      payload: UnsafeRawBufferPointer(
        start: payloads + slot * Self.slotSize, count: min(size, Self.slotSize - 1)),
      size: size, source: source, destination: group, interfaceIndex: 0, receivedNanoseconds: 0)
    readControlMessages(of: header, into: &datagram, drops: &drops)
    return datagram
  }

  /// Control messages (cmsg(3)): destination and interface, receive time, drop count.
  @inline(__always)
  private func readControlMessages(
    of header: UnsafeMutablePointer<clinux_mmsghdr>, into datagram: inout ReceivedDatagram,
    drops: inout UInt32?
  ) {
    let socketLevel = SOL_SOCKET
    var message = clinux_cmsg_first(&header.pointee.msg_hdr)
    while let control = message {
      let data = UnsafeRawPointer(clinux_cmsg_data(control))
      switch (control.pointee.cmsg_level, control.pointee.cmsg_type) {
      case (Int32(IPPROTO_IP), IP_PKTINFO):
        let information = data.loadUnaligned(as: in_pktinfo.self)
        datagram.destination = IPAddress(information.ipi_addr)
        datagram.interfaceIndex = UInt32(bitPattern: information.ipi_ifindex)
      case (Int32(IPPROTO_IPV6), SocketOption.ipv6PacketInfo):
        let information = data.loadUnaligned(as: clinux_in6_pktinfo.self)
        datagram.destination = IPAddress(information.ipi6_addr)
        datagram.interfaceIndex = information.ipi6_ifindex
      case (socketLevel, SocketOption.timestampNanoseconds):
        let time = data.loadUnaligned(as: timespec.self)
        datagram.receivedNanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
      case (socketLevel, SocketOption.receiveQueueOverflow):
        drops = data.loadUnaligned(as: UInt32.self)
      default:
        break
      }
      message = clinux_cmsg_next(&header.pointee.msg_hdr, control)
    }
  }
}
