// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Multicast
@testable import Platform

/// lo, and groups on it that no other test uses.
enum Loopback {
  static let address = IPAddress(family: .ipv4, high: 0, low: 0x7f00_0001)
  private static let count = Atomic(UInt64(0))

  static func interface() throws -> NetworkInterface { try .loopback() }

  /// A group with a port that is free.
  static func group(port: UInt16? = nil) throws -> Endpoint {
    let number = count.add(1, ordering: .relaxed).newValue
    // 239.255.128.0/17: the tests of other modules keep to the lower half.
    let low = 0xefff_8000 | UInt64(getpid() & 0x7f) << 8 | (number & 0xff)
    return Endpoint(IPAddress(family: .ipv4, high: 0, low: low), port: try port ?? freePort())
  }

  private static func freePort() throws -> UInt16 {
    let probe = try PlainSocket(bound: Endpoint(address, port: 0))
    let local = probe.socket.localEndpoint
    return try #require(local).port
  }

  static func sender(
    _ group: Endpoint, ttl: UInt8 = 1, loopback: Bool = true
  ) throws -> MulticastSender {
    try MulticastSender(group: group, interface: interface(), options: .init(ttl: ttl, loopback: loopback))
  }

  /// A receiver that has joined.
  static func receiver(_ group: Endpoint, buffer: Int = 1 << 20) throws -> MulticastReceiver {
    let receiver = try MulticastReceiver(group: group, receiveBuffer: buffer)
    try receiver.join(interfaceIndex: interface().index)
    return receiver
  }
}

/// A UDP socket as any other program would open it.
struct PlainSocket: ~Copyable {
  let socket: OwnedSocket

  init(bound endpoint: Endpoint, reuse: Bool = false) throws {
    let socket = try OwnedSocket(.ipv4)
    if reuse { try socket.set(SOL_SOCKET, SO_REUSEADDR, to: Int32(1), "SO_REUSEADDR", for: "") }
    let descriptor = socket.descriptor
    let bound = endpoint.withSockaddr { bind(descriptor, $0, $1) }
    try #require(bound == 0)
    self.socket = socket
  }

  /// Sends to a group on lo.
  func send(_ payload: [UInt8], to group: Endpoint) throws {
    var request = ip_mreqn()
    request.imr_ifindex = Int32(try Loopback.interface().index)
    try socket.set(Int32(IPPROTO_IP), IP_MULTICAST_IF, to: request, "IP_MULTICAST_IF", for: "")
    let sent = group.withSockaddr { sendto(socket.descriptor, payload, payload.count, 0, $0, $1) }
    try #require(sent == payload.count)
  }
}

/// A datagram, kept.
struct Heard: Equatable {
  var payload: [UInt8]
  var size: Int
  var source: Endpoint
  var destination: IPAddress
  var interfaceIndex: UInt32
  var receivedNanoseconds: Int64
}

extension MulticastReceiver {
  /// The queued payloads. lo delivers before sendto(2) returns, so no wait is needed.
  func all() throws -> [Heard] {
    var heard: [Heard] = []
    var count: Int
    repeat {
      count = try receive {
        heard.append(
          Heard(
            payload: Array($0.payload), size: $0.size, source: $0.source, destination: $0.destination,
            interfaceIndex: $0.interfaceIndex, receivedNanoseconds: $0.receivedNanoseconds))
      }
    } while count > 0
    return heard
  }

  func payloads() throws -> [String] { try all().map { String(decoding: $0.payload, as: UTF8.self) } }
}

extension MulticastSender {
  func send(_ text: String) -> Int32? { send(Array(text.utf8)) }
}
