// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Multicast
@testable import Platform
@testable import Watch

/// A live view fed by hand: 16 s of heartbeats from 10.0.0.5 on, at 1 Hz, on eth0 with the address 10.0.0.1.
struct WatchFixture {
  static let second: Int64 = 1_000_000_000
  /// A whole second, so that frames can be compared; years from the epoch of CLOCK_MONOTONIC.
  static let start: Int64 = 1_000_000 * second
  /// 2026-11-22 07:25:00 UTC.
  static let wallStart: Int64 = 1_795_332_300 * second

  var model: LiveModel
  /// Nanoseconds since the start.
  private(set) var time: Int64 = 0

  init(interfaces: [String] = ["eth0"], capacity: Int = 4096, proof: WatchedProof? = nil) throws {
    model = LiveModel(
      group: Endpoint(try #require(IPAddress("239.1.1.1")), port: 5001), wanted: "eth0", capacity: capacity,
      proof: proof, at: .init(monotonic: Self.start, wall: Self.wallStart))
    join(interfaces.enumerated().map { index, name in Self.interface(UInt32(index + 1), name) })
  }

  /// An interface with the address 10.0.0.1.
  static func interface(_ index: UInt32, _ name: String, hasCarrier: Bool = true) -> NetworkInterface {
    NetworkInterface(
      index: index, name: name, flags: hasCarrier ? 0x1_1043 : 0x1003,
      addresses: [IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)])
  }

  /// Joins the group on these interfaces and no others.
  mutating func join(_ interfaces: [NetworkInterface], awaited: Set<String>? = nil) {
    model.setInterfaces(interfaces, awaited: awaited, at: now.monotonic)
  }

  var now: LiveModel.Moment { .init(monotonic: Self.start + time, wall: Self.wallStart + time) }

  /// A datagram from an address that is 10.0.0.`host`.
  mutating func datagram(_ payload: [UInt8], from host: Int, interface: UInt32 = 1, port: UInt16 = 4242) {
    model.begin(at: now)
    payload.withUnsafeBytes { bytes in
      model.take(
        ReceivedDatagram(
          payload: bytes, size: bytes.count,
          source: Endpoint(
            IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + UInt64(host)), port: port),
          destination: model.group.address, interfaceIndex: interface,
          receivedNanoseconds: Self.wallStart + time))
    }
    model.end(ReadBatch(count: 1, end: .reached(stamp: Self.wallStart + time)))
  }

  /// A heartbeat that was sent a tenth of a millisecond ago.
  mutating func beat(from host: Int, interface: UInt32 = 1) {
    let sent = Self.wallStart + time - 100_000
    var payload = [UInt8](repeating: 0, count: Heartbeat.encodedSize)
    payload.withUnsafeMutableBytes {
      _ = Heartbeat.encode(CivilTime(realtime: sent, zone: .utc), into: $0)
    }
    datagram(payload, from: host, interface: interface)
  }

  /// Lets seconds pass, each of which begins with a heartbeat of each of these hosts.
  ///
  /// - Parameters:
  ///   - words: By name. The first name is 10.0.0.5, the next .6; `self` is 10.0.0.1, which is this host.
  ///   - interfaces: Those on which the heartbeats arrive.
  mutating func say(_ words: [String: String], seconds: Int, on interfaces: [UInt32] = [1]) {
    for _ in 0..<seconds {
      for (place, (name, words)) in words.sorted(by: { $0.key < $1.key }).enumerated() {
        for interface in interfaces {
          say(words, name, from: name == "self" ? 1 : 5 + place, interface: interface)
        }
      }
      pass(seconds: 1, hosts: [])
    }
  }

  /// A heartbeat of a host with a name, numbered by the second.
  mutating func say(_ words: String, _ name: String, from host: Int, interface: UInt32 = 1) {
    let beat = CivilTime(realtime: Self.wallStart + time - 100_000, zone: .utc)
    let number = time / Self.second + 1
    datagram(
      Array("ATU \(beat) host=\(name) run=1 seq=\(number) every=1s\(words.isEmpty ? "" : " ")\(words)".utf8),
      from: host, interface: interface)
  }

  /// Lets time pass in steps of 100 ms; each host beats once a second, each in another tenth, and may be
  /// `silent`.
  mutating func pass(seconds: Int, hosts: [Int], silent: Set<Int> = []) {
    pass(seconds: seconds, hosts: [1: hosts.filter { !silent.contains($0) }])
  }

  /// The same with the hosts of each interface.
  mutating func pass(seconds: Int, hosts: [UInt32: [Int]]) {
    for _ in 0..<(seconds * 10) {
      time += 100_000_000
      let tenth = Int(time / 100_000_000) % 10
      for (interface, hosts) in hosts {
        for host in hosts where host % 10 == tenth { beat(from: host, interface: interface) }
      }
      empty()
      model.judge(at: now.monotonic)
    }
  }

  /// Lets time pass in which nothing is read.
  mutating func stall(seconds: Int64) { time += seconds * Self.second }

  /// Reads the socket and finds it empty.
  mutating func empty() {
    model.begin(at: now)
    model.end(ReadBatch(count: 0, end: .emptied(at: now.monotonic)))
  }
}

extension Screen {
  /// The rows as text, without colours and trailing blanks.
  var lines: [String] {
    (0..<size.rows).map { row in
      var line = String(String.UnicodeScalarView(self.row(row).map(\.character)))
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

extension TerminalStyle {
  static let utf8 = TerminalStyle(glyphs: .utf8, coloured: true)
  static let plain = TerminalStyle(glyphs: .ascii, coloured: false)
}
