// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Heartbeat
import Liveness
import Multicast
import Platform

/// State handed to the next process, in `peers.json` of the runtime directory: a restart reports no peer as
/// new or silent that is neither.
struct PeerCheckpoint: Codable {
  /// The group and port whose peers they are: those of another one are not taken up.
  var group: String?
  /// The cookie of the network namespace that they were heard in: another one has other interfaces, and other
  /// hosts under the same addresses. Files of 0.1.0 have none.
  var namespace: UInt64?
  /// By interface, as `names` numbers them.
  var snapshots: [Int: PeerSnapshot<PeerID>]
  var names: InterfaceNames
  /// Our own heartbeats that were sent last: those that wait in the socket are still ours. Files of 0.1.0
  /// have only ports, which any other program may have bound since.
  var senders: SenderCheckpoint?
  /// Expected peers that were reported as silent without ever having been heard.
  var silentExpected: [String]?
  /// Whether it was written at an orderly end, after the last datagram that was read.
  var isComplete: Bool

  private static let file = "/peers.json"
  /// A peer takes about 900 bytes.
  private static let longest = 1 << 30
  /// What is collected before it is written, in bytes.
  private static let chunk = 1 << 16

  /// A peer in a line of its own. An encoder or decoder holds about ten times what it works on.
  private struct Line: Codable {
    var interface: Int
    var entry: PeerSnapshot<PeerID>.Entry
  }

  /// What the previous process left; nil where nothing can be read, or it is of another group or network
  /// namespace. An earlier boot left none, for the runtime directory does not outlive it. A malformed line is
  /// left out.
  static func read(
    directory: String?, group: Endpoint, namespace: UInt64? = NetworkNamespace.cookie
  ) -> PeerCheckpoint? {
    guard let directory,
      // A file that is longer than that is refused as a whole.
      let bytes = try? FileContents.read(directory + file, limit: longest, onlyRegular: true),
      bytes.count < longest
    else { return nil }
    var lines = bytes.split(separator: UInt8(ascii: "\n")).makeIterator()
    let decoder = JSONDecoder()
    guard let head = lines.next(), var kept = try? decoder.decode(PeerCheckpoint.self, from: Data(head)),
      kept.group == "\(group)", kept.namespace == nil || kept.namespace == namespace
    else { return nil }
    while let line = lines.next() {
      guard let line = try? decoder.decode(Line.self, from: Data(line)) else { continue }
      kept.snapshots[line.interface]?.entries.append(line.entry)
    }
    return kept
  }

  /// Replaces the file in one step: a line for all that is not a peer, and one for each peer.
  ///
  /// - Parameter directory: The runtime directory; nil writes nothing.
  /// - Throws: `FileFailure`.
  func write(directory: String?) throws(FileFailure) {
    guard let directory else { return }
    try RuntimeFile.replace(directory + Self.file, mode: 0o600, write(to:))
  }

  /// - Returns: 0, or errno; EINVAL for what has no JSON.
  private func write(to descriptor: Int32) -> Int32 {
    let encoder = JSONEncoder()
    var buffer: [UInt8] = []
    func append(_ line: some Encodable) -> Int32 {
      guard let data = try? encoder.encode(line) else { return EINVAL }
      buffer += data
      buffer.append(UInt8(ascii: "\n"))
      guard buffer.count >= Self.chunk else { return 0 }
      defer { buffer.removeAll(keepingCapacity: true) }
      return Console.write(buffer, to: descriptor)
    }
    var head = self
    for interface in snapshots.keys { head.snapshots[interface]?.entries = [] }
    var failure = append(head)
    for (interface, snapshot) in snapshots {
      for entry in snapshot.entries where failure == 0 {
        failure = append(Line(interface: interface, entry: entry))
      }
    }
    return failure == 0 ? Console.write(buffer, to: descriptor) : failure
  }
}
