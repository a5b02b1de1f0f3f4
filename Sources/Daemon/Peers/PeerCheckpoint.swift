// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Liveness
import Multicast
import Platform
import Rules

/// State handed to the next process, in `peers.json` of the runtime directory, so that a restart reports no
/// known peer as new and no live one as silent.
package struct PeerCheckpoint: Codable, Sendable {
  /// Group and port of the peers. A checkpoint of another one is ignored.
  var group: String?
  /// Cookie of the network namespace: another one has other interfaces, and other hosts under the same
  /// addresses. Files of 0.1.0 have none.
  var namespace: UInt64?
  /// By interface, as `names` numbers them.
  var snapshots: [Int: PeerSnapshot<PeerID>]
  var names: InterfaceNames
  /// Our last heartbeats, to recognise those still queued in the socket. Files of 0.1.0 have only ports,
  /// which any other program may have bound since.
  package var senders: SenderCheckpoint?
  /// Expected peers that were reported as silent without ever having been heard.
  var silentExpected: [String]?
  /// What is known of rules, by name; nil in files of 0.1.0.
  var rules: [String: RuleMachine.Stored]?
  /// Whether it was written at shutdown, after the last datagram was read.
  var isComplete: Bool
  /// Which authentic heartbeats were accepted of each host; lines of their own.
  var accepted: [AcceptedHeartbeats.Stored] = []

  private enum CodingKeys: CodingKey {
    case group, namespace, snapshots, names, senders, silentExpected, rules, isComplete
  }

  private static let file = "/peers.json"
  /// Limit on the file in bytes; a peer takes about 340.
  private static let longest = 1 << 30
  /// Size of a write, in bytes.
  private static let chunk = 1 << 16

  /// Reads the checkpoint of the previous process; nil if it cannot be read, or is of another group or
  /// network namespace. There is none of an earlier boot, as the runtime directory is volatile. A malformed
  /// line is skipped.
  static func read(
    directory: String?, group: Endpoint, namespace: UInt64? = NetworkNamespace.cookie
  ) -> PeerCheckpoint? {
    guard let directory else { return nil }
    var reading = PeerCheckpointReading(group: group, namespace: namespace)
    do throws(FileFailure) {
      try FileLines.read(directory + file, limit: longest) { reading.take($0) }
    } catch { return nil }
    return reading.checkpoint
  }

  /// As `read`, from the bytes of the file.
  package static func decode(_ bytes: [UInt8], group: Endpoint, namespace: UInt64?) -> PeerCheckpoint? {
    var reading = PeerCheckpointReading(group: group, namespace: namespace)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard line.withUnsafeBytes({ reading.take($0) }) else { break }
    }
    return reading.checkpoint
  }

  /// Replaces the file atomically: a line for the rest, then one for each peer, then one for each host of
  /// which heartbeats were accepted.
  ///
  /// - Parameter directory: The runtime directory; nil writes nothing.
  /// - Throws: `FileFailure`.
  func write(directory: String?) throws(FileFailure) {
    guard let directory else { return }
    try RuntimeFile.replace(directory + Self.file, mode: 0o600) { descriptor in
      encode { FileContents.write($0, to: descriptor) }
    }
  }

  /// - Parameter write: Takes a part of the file, and returns 0 or errno.
  /// - Returns: 0, or errno; EINVAL if encoding fails.
  package func encode(_ write: ([UInt8]) -> Int32) -> Int32 {
    var head = self
    for interface in snapshots.keys { head.snapshots[interface]?.entries = [] }
    guard let data = try? JSONEncoder().encode(head) else { return EINVAL }
    var buffer = Array(data) + [UInt8(ascii: "\n")]
    func writeIfLong() -> Int32 {
      guard buffer.count >= Self.chunk else { return 0 }
      defer { buffer.removeAll(keepingCapacity: true) }
      return write(buffer)
    }
    for (_, snapshot) in snapshots.sorted(by: { $0.key < $1.key }) {
      for entry in snapshot.entries {
        PeerLine.append(entry, to: &buffer)
        let failure = writeIfLong()
        guard failure == 0 else { return failure }
      }
    }
    for host in accepted {
      AcceptedLine.append(host, to: &buffer)
      let failure = writeIfLong()
      guard failure == 0 else { return failure }
    }
    return write(buffer)
  }
}
