// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Liveness
import Platform

/// Reads a checkpoint line by line: the head, then a line for each peer (`PeerLine`), then one for
/// each host of which authentic heartbeats were accepted (`AcceptedLine`). Files of earlier
/// versions are read as well, in which peers are JSON, that of 0.1.0 with all of them in the head.
struct PeerCheckpointReading {
  /// A peer as it was written before 0.2.
  private struct OldLine: Decodable {
    var interface: Int
    var entry: PeerSnapshot<PeerID>.Entry
  }

  private let group: Endpoint
  private let namespace: UInt64?
  private let decoder = JSONDecoder()
  /// Nil as long as there was no head, or where it is of another group or network namespace.
  private(set) var checkpoint: PeerCheckpoint?

  init(group: Endpoint, namespace: UInt64?) {
    self.group = group
    self.namespace = namespace
  }

  /// Takes a line that is not empty.
  ///
  /// - Returns: Whether the next one is of use.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
    guard checkpoint != nil else { return takeHead(line) }
    if AcceptedLine.isOne(line) {
      if let host = AcceptedLine.read(line) { checkpoint?.accepted.append(host) }
    } else if PeerLine.isOne(line) {
      guard let entry = PeerLine.read(line) else { return true }
      checkpoint?.snapshots[Int(entry.id.interface)]?.entries.append(entry)
    } else if let old = try? decoder.decode(OldLine.self, from: Data(line)) {
      checkpoint?.snapshots[old.interface]?.entries.append(old.entry)
    }
    return true
  }

  private mutating func takeHead(_ line: UnsafeRawBufferPointer) -> Bool {
    guard let head = try? decoder.decode(PeerCheckpoint.self, from: Data(line)), head.group == "\(group)",
      head.namespace == nil || head.namespace == namespace
    else { return false }
    checkpoint = head
    return true
  }
}
