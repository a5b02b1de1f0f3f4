// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Liveness
@testable import Platform

struct PeerIDTests {
  @Test("addresses of which a fold would be the same have hashes of their own")
  func collisions() {
    // What 0.1.0 hashed was low ^ high × this ^ the interface.
    let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
    let ids = (0..<10_000).map { (number: UInt64) in
      PeerID(
        address: IPAddress(family: .ipv6, high: number, low: number &* factor), interface: 0)
    }
    #expect(Set(ids.map(\.hashValue)).count > 9_990)
  }

  @Test("the same address on two interfaces is two peers")
  func interfaces() {
    let address = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)
    #expect(Set((0..<1000).map { PeerID(address: address, interface: $0) }).count == 1000)
  }

  @Test("peers.json has a peer as text of its address and the number of its interface, as 0.1.0 wrote it")
  func json() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    for (id, text) in [
      (
        PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), interface: 3),
        #"{"address":"10.0.0.1","interface":3}"#
      ),
      (
        PeerID(address: IPAddress(family: .ipv6, high: 0xfe80 << 48, low: 1), interface: 0),
        #"{"address":"fe80::1","interface":0}"#
      ),
    ] {
      #expect(String(decoding: try encoder.encode(id), as: UTF8.self) == text)
      #expect(try JSONDecoder().decode(PeerID.self, from: Data(text.utf8)) == id)
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(PeerID.self, from: Data(#"{"address":"10.0.0","interface":0}"#.utf8))
    }
  }
}
