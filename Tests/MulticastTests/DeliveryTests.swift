// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

/// Sender and receiver with the kernel between them, on lo.
struct DeliveryTests {
  private let group: Endpoint
  private let lo: NetworkInterface

  init() throws {
    group = try Loopback.group()
    lo = try Loopback.interface()
  }

  @Test(
    "a datagram of any size arrives whole, with its source, group, interface and time",
    arguments: [0, 1, 30, 1472, 9000, 65_507])
  func whole(size: Int) throws {
    let receiver = try Loopback.receiver(group)
    let sender = try Loopback.sender(group)
    var random = UInt64(size) &* 0x9e37_79b9_7f4a_7c15 | 1
    let payload = (0..<size).map { _ -> UInt8 in
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return UInt8(truncatingIfNeeded: random)
    }
    let before = wallClock()
    #expect(sender.send(payload) == nil)
    let heard = try receiver.all()
    let after = wallClock()
    try #require(heard.count == 1)
    #expect(heard[0].payload == payload && heard[0].size == size)
    #expect(heard[0].source == Endpoint(Loopback.address, port: sender.sourcePort))
    #expect(heard[0].destination == group.address && heard[0].interfaceIndex == lo.index)
    #expect((before...after).contains(heard[0].receivedNanoseconds))
  }

  @Test("the time of a datagram is its receipt by the kernel, not its reading")
  func stamp() throws {
    let receiver = try Loopback.receiver(group)
    let sender = try Loopback.sender(group)
    var isReceipt = false
    // Where no other socket wants stamps, the kernel takes a moment to begin with them
    // (net_enable_timestamp), and has nothing but the time of reading until then.
    for _ in 0..<1000 where !isReceipt {
      let before = wallClock()
      #expect(sender.send("x") == nil)
      let after = wallClock()
      var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
      nanosleep(&pause, nil)
      isReceipt = try receiver.all().allSatisfy { (before...after).contains($0.receivedNanoseconds) }
    }
    #expect(isReceipt)
  }

  @Test("more than a batch arrives in order")
  func order() throws {
    let receiver = try Loopback.receiver(group)
    let sender = try Loopback.sender(group)
    let texts = (0..<MulticastReceiver.batchSize * 3 + 1).map { "\($0)" }
    for text in texts { #expect(sender.send(text) == nil) }
    var counts: [Int] = []
    var heard: [String] = []
    repeat {
      counts.append(try receiver.receive { heard.append(String(decoding: $0.payload, as: UTF8.self)) })
    } while counts.last == MulticastReceiver.batchSize
    #expect(heard == texts)
    #expect(counts == [64, 64, 64, 1])
    #expect(try receiver.receive { _ in } == 0)
  }

  @Test("slots are reused: short after long, each with its own control messages")
  func slotReuse() throws {
    let receiver = try Loopback.receiver(group)
    let (first, second) = (try Loopback.sender(group), try Loopback.sender(group))
    #expect(first.send(String(repeating: "x", count: 5000)) == nil)
    #expect(try receiver.all().map(\.size) == [5000])
    #expect(second.send("y") == nil)
    let heard = try receiver.all()
    #expect(heard.map(\.payload) == [[0x79]] && heard[0].source.port == second.sourcePort)
  }

  @Test("other groups on the same port are not received, though another socket of this host joined them")
  func otherGroups() throws {
    let receiver = try Loopback.receiver(group)
    let other = try Loopback.group(port: group.port)
    let elsewhere = try Loopback.receiver(other)
    #expect(try Loopback.sender(other).send("other") == nil)
    #expect(try Loopback.sender(group).send("ours") == nil)
    #expect(try receiver.payloads() == ["ours"])
    #expect(try elsewhere.payloads() == ["other"])
  }

  @Test("unicast to the port is not received")
  func unicast() throws {
    let receiver = try Loopback.receiver(group)
    let plain = try PlainSocket(bound: Endpoint(Loopback.address, port: 0))
    try plain.send(Array("unicast".utf8), to: Endpoint(Loopback.address, port: group.port))
    #expect(try receiver.payloads() == [])
  }

  @Test("nothing is received before the join, though another socket of this host joined the group")
  func notJoined() throws {
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
    let joined = try Loopback.receiver(group)
    #expect(try Loopback.sender(group).send("early") == nil)
    #expect(try receiver.payloads() == [])
    #expect(try joined.payloads() == ["early"])
  }

  @Test("two receivers of one group both receive everything")
  func two() throws {
    let receivers = [try Loopback.receiver(group), try Loopback.receiver(group)]
    let sender = try Loopback.sender(group)
    for text in ["a", "b", "c"] { #expect(sender.send(text) == nil) }
    for receiver in receivers { #expect(try receiver.payloads() == ["a", "b", "c"]) }
  }

  @Test(
    "every datagram that exceeds a small buffer is in the kernel's drop count",
    arguments: [10, 1400])
  func drops(size: Int) throws {
    let receiver = try Loopback.receiver(group, buffer: 4096)
    let sender = try Loopback.sender(group)
    #expect(receiver.kernelDrops == 0)
    let payload = [UInt8](repeating: 0x78, count: size)
    for _ in 0..<500 { #expect(sender.send(payload) == nil) }
    let dropped = receiver.kernelDrops
    let received = try receiver.all().count
    #expect(received > 0 && dropped > 0 && received + Int(dropped) == 500)
    // Reading changes nothing about it.
    #expect(sender.send("one more") == nil)
    #expect(try receiver.all().count == 1 && receiver.kernelDrops == dropped)
  }

  @Test("a sender keeps its port, and each has its own")
  func ports() throws {
    let (first, second) = (try Loopback.sender(group), try Loopback.sender(group))
    #expect(first.sourcePort != 0 && first.sourcePort != second.sourcePort)
    let receiver = try Loopback.receiver(group)
    for _ in 0..<3 { #expect(first.send("x") == nil) }
    #expect(try receiver.all().map(\.source.port) == Array(repeating: first.sourcePort, count: 3))
  }

  @Test("a datagram that is too large is refused with errno, and the next is sent")
  func tooLarge() throws {
    let receiver = try Loopback.receiver(group)
    let sender = try Loopback.sender(group)
    #expect(sender.send([UInt8](repeating: 0, count: 65_508)) == EMSGSIZE)
    #expect(sender.send("next") == nil)
    #expect(try receiver.payloads() == ["next"])
  }

  private func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
