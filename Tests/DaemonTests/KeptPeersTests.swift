// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Multicast
import Testing

@testable import Daemon

struct KeptPeersTests {
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private func kept(namespace: UInt64?) -> KeptPeers {
    KeptPeers(
      group: "\(group)", namespace: namespace, snapshots: [:], names: InterfaceNames(), isComplete: true)
  }

  @Test("the peers of another network namespace are not taken up; those of a file that names none are")
  func namespaces() throws {
    let directory = try TemporaryDirectory()
    func read(_ namespace: UInt64?) -> KeptPeers? {
      KeptPeers.read(directory: directory.path, group: group, namespace: namespace)
    }
    kept(namespace: 7).write(directory: directory.path)
    #expect(read(7) != nil)
    #expect(read(8) == nil && read(nil) == nil)
    kept(namespace: nil).write(directory: directory.path)
    #expect(read(7) != nil && read(nil) != nil)
  }

  @Test("peers are read back as they were written, and a line that is none takes no other with it")
  func lines() throws {
    let directory = try TemporaryDirectory()
    var peers = PeerInterfaces(capacity: 5000)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    for second in Int64(1)...3 {
      for number in UInt64(1)...3000 {
        let time = second * 1_000_000_000
        peers.heard(
          Beat(arrival: time, payload: time / 1000, wallClock: time / 1000, port: 1),
          from: PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + number), interface: 0))
      }
    }
    KeptPeers(
      group: "\(group)", snapshots: peers.snapshots(at: 3_000_000_000), names: peers.names, isComplete: true
    ).write(directory: directory.path)
    func restored() throws -> PeerInterfaces {
      let kept = try #require(KeptPeers.read(directory: directory.path, group: group))
      return PeerInterfaces(restoring: kept, capacity: 5000, at: 4_000_000_000, isGapless: true)
    }
    #expect(try restored().counts == peers.counts)
    // In the middle of a line, whichever it is.
    let path = directory.path + "/peers.json"
    let file = try #require(fopen(path, "r+"))
    fseek(file, 1_000_000, SEEK_SET)
    fwrite("}", 1, 1, file)
    fclose(file)
    let counts = try restored().counts
    #expect(2998...2999 ~= counts.total)
    #expect(truncate(path, 2_000_000) == 0)
    #expect(try restored().counts.total > 1000)
  }

  @Test("the watch of peers says whose they are: of the namespace that this process is in")
  func written() throws {
    let watch = PeerWatch(capacity: 10, zone: .utc, runtime: nil, kept: nil, isGapless: false)
    #expect(watch.kept(isComplete: true, group: group).namespace == NetworkNamespace.cookie)
  }
}
