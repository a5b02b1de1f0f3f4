// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Multicast
@testable import Platform

struct SourceCheckpointTests {
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  private let first = IPAddress(family: .ipv4, high: 0, low: 0x0a4d_0001)
  private let second = IPAddress(family: .ipv6, high: 0xfd77 << 48, low: 1)

  @Test("the next process finds the source addresses of the same group")
  func kept() throws {
    let directory = try TemporaryDirectory()
    var sources = SourceCheckpoint(directory: directory.path, group: group)
    #expect(sources["eth0"] == nil)
    sources.note(first, on: "eth0")
    sources.note(second, on: "eth1")
    sources.note(.unspecified(.ipv4), on: "eth2")
    try sources.write()
    let next = SourceCheckpoint(directory: directory.path, group: group)
    #expect(next["eth0"] == first && next["eth1"] == second && next["eth2"] == nil)
    let other = Endpoint(group.address, port: 5002)
    #expect(SourceCheckpoint(directory: directory.path, group: other)["eth0"] == nil)

    var regrouped = next.emptied(for: other)
    #expect(regrouped["eth0"] == nil)
    regrouped.note(second, on: "eth0")
    try regrouped.write()
    #expect(SourceCheckpoint(directory: directory.path, group: other)["eth0"] == second)
    #expect(SourceCheckpoint(directory: directory.path, group: group)["eth0"] == nil)
  }

  @Test(
    "a foreign, malformed or truncated file is ignored",
    arguments: ["", "\n\n", "239.1.1.1:5001", "239.1.1.1:5001\n10.77.0.1", "239.1.1.1:5001\nx eth0\n\u{0}"])
  func damaged(text: String) throws {
    let directory = try TemporaryDirectory()
    try RuntimeFile("sources", directory: directory.path).write(text)
    #expect(SourceCheckpoint(directory: directory.path, group: group)["eth0"] == nil)
  }

  @Test("names that come and go do not accumulate")
  func bounded() throws {
    let directory = try TemporaryDirectory()
    var sources = SourceCheckpoint(directory: directory.path, group: group)
    for number in 0..<1000 { sources.note(first, on: "veth\(number)") }
    try sources.write()
    #expect(sources["veth999"] == first && sources["veth0"] == nil)
    let text = try #require(RuntimeFile("sources", directory: directory.path).read())
    #expect(text.split(separator: "\n").count <= SourceCheckpoint.capacity + 1)
  }
}
