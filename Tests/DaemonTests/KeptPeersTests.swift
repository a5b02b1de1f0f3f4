// SPDX-License-Identifier: Apache-2.0

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

  @Test("the watch of peers says whose they are: of the namespace that this process is in")
  func written() throws {
    var watch = PeerWatch(capacity: 10, zone: .utc, runtime: nil, kept: nil, isGapless: false)
    #expect(watch.kept(isComplete: true, group: group).namespace == NetworkNamespace.cookie)
  }
}
