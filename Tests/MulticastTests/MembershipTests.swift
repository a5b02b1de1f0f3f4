// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

struct MembershipTests {
  private static let otherSource = IPAddress(family: .ipv4, high: 0, low: 0x7f00_0002)
  private let group: Endpoint
  private let lo: UInt32

  init() throws {
    group = try Loopback.group()
    lo = try Loopback.interface().index
  }

  private func receiver() throws -> MulticastReceiver {
    try MulticastReceiver(group: group, receiveBuffer: 65_536)
  }

  /// Sends from one of lo's many addresses.
  private func send(_ text: String, from source: IPAddress) throws {
    try PlainSocket(bound: Endpoint(source, port: 0)).send(Array(text.utf8), to: group)
  }

  @Test("a membership lasts from join to leave, and datagrams in that time are received")
  func lifetime() throws {
    let receiver = try receiver()
    #expect(!receiver.isMember(interfaceIndex: lo))
    try receiver.join(interfaceIndex: lo)
    #expect(receiver.isMember(interfaceIndex: lo))
    try send("heard", from: Loopback.address)
    receiver.leave(interfaceIndex: lo)
    #expect(!receiver.isMember(interfaceIndex: lo))
    try send("not heard", from: Loopback.address)
    #expect(try receiver.payloads() == ["heard"])
    receiver.leave(interfaceIndex: lo)
    try receiver.join(interfaceIndex: lo)
    try send("again", from: Loopback.address)
    #expect(try receiver.payloads() == ["again"])
  }

  @Test("a second join succeeds, and one leave ends both")
  func twice() throws {
    let receiver = try receiver()
    for _ in 0..<30 { try receiver.join(interfaceIndex: lo) }
    try send("once", from: Loopback.address)
    #expect(try receiver.payloads() == ["once"])
    receiver.leave(interfaceIndex: lo)
    #expect(!receiver.isMember(interfaceIndex: lo))
  }

  @Test("a membership belongs to one socket")
  func perSocket() throws {
    let (first, second) = (try receiver(), try receiver())
    try first.join(interfaceIndex: lo)
    #expect(first.isMember(interfaceIndex: lo) && !second.isMember(interfaceIndex: lo))
  }

  @Test("with sources only theirs are received")
  func sourceSpecific() throws {
    let receiver = try receiver()
    try receiver.join(interfaceIndex: lo, sources: [Loopback.address])
    #expect(receiver.isMember(interfaceIndex: lo))
    try send("one", from: Loopback.address)
    try send("two", from: Self.otherSource)
    #expect(try receiver.payloads() == ["one"])
    receiver.leave(interfaceIndex: lo)
    #expect(!receiver.isMember(interfaceIndex: lo))
  }

  @Test("a source that is in force already does not prevent others")
  func addSource() throws {
    let receiver = try receiver()
    try receiver.join(interfaceIndex: lo, sources: [Loopback.address])
    try receiver.join(interfaceIndex: lo, sources: [Loopback.address, Self.otherSource])
    try send("one", from: Loopback.address)
    try send("two", from: Self.otherSource)
    #expect(try receiver.payloads() == ["one", "two"])
  }

  @Test(
    "sources beyond the kernel's limit are refused as a whole, without a partial membership")
  func tooManySources() throws {
    let limit = try #require(try sysctl("net/ipv4/igmp_max_msf"))
    let receiver = try receiver()
    let sources = (0...limit).map { IPAddress(family: .ipv4, high: 0, low: 0x7f00_0001 + UInt64($0)) }
    let error = #expect(throws: MulticastError.self) {
      try receiver.join(interfaceIndex: lo, sources: sources)
    }
    #expect(error?.errno == ENOBUFS)
    #expect(error?.exceededLimit(.ipv4) == "net.ipv4.igmp_max_msf")
    #expect(!receiver.isMember(interfaceIndex: lo))
    try receiver.join(interfaceIndex: lo, sources: sources.dropLast())
    try send("last", from: sources[limit - 1])
    #expect(try receiver.payloads() == ["last"])
  }

  @Test("a missing interface is refused with call, object and errno")
  func noInterface() throws {
    let receiver = try receiver()
    let object = "\(group.address) on interface 9999"
    #expect(throws: MulticastError.system(call: "setsockopt MCAST_JOIN_GROUP", object: object, errno: ENODEV))
    {
      try receiver.join(interfaceIndex: 9999)
    }
    #expect(
      throws: MulticastError.system(
        call: "setsockopt MCAST_JOIN_SOURCE_GROUP", object: "\(object) from 127.0.0.1", errno: ENODEV)
    ) {
      try receiver.join(interfaceIndex: 9999, sources: [Loopback.address])
    }
    #expect(!receiver.isMember(interfaceIndex: 9999))
    // Nothing to leave is no fault.
    receiver.leave(interfaceIndex: 9999)
  }

  private func sysctl(_ name: String) throws -> Int? {
    let file = try #require(fopen("/proc/sys/\(name)", "r"))
    defer { fclose(file) }
    var text = [UInt8](repeating: 0, count: 32)
    let count = fread(&text, 1, text.count, file)
    return Int(String(decoding: text[..<count], as: UTF8.self).filter(\.isNumber))
  }
}
