// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// What was accepted of a host as a line of `peers.json`: `accepted`, then decimals as in `PeerLine`.
package enum AcceptedLine {
  private static let label = Array("accepted ".utf8)
  /// Changes with the order of the numbers.
  private static let format: UInt8 = 1

  /// Whether a line is one.
  package static func isOne(_ line: UnsafeRawBufferPointer) -> Bool { line.starts(with: label) }

  /// Appends a line, with its end.
  package static func append(_ host: AcceptedHeartbeats.Stored, to bytes: inout [UInt8]) {
    var (writer, host) = (FieldWriter(format: format), host)
    host.code(with: &writer)
    bytes += label
    bytes += writer.bytes
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Reads a line.
  ///
  /// - Parameter line: Without its end.
  /// - Returns: Nil for one that is damaged.
  package static func read(_ line: UnsafeRawBufferPointer) -> AcceptedHeartbeats.Stored? {
    guard isOne(line) else { return nil }
    var reader = FieldReader(UnsafeRawBufferPointer(rebasing: line[label.count...]))
    guard reader.format == format else { return nil }
    let blank = PeerID(address: .unspecified(.ipv4), interface: 0)
    var host = AcceptedHeartbeats.Stored(peer: blank, window: ReplayWindow())
    host.code(with: &reader)
    return reader.isComplete ? host : nil
  }
}

extension AcceptedHeartbeats.Stored {
  fileprivate mutating func code(with coder: inout some FieldCoder) {
    peer.code(with: &coder)
    window.code(with: &coder)
  }
}

extension ReplayWindow {
  /// As `PeerLine` and `AcceptedLine` have it.
  mutating func code(with coder: inout some FieldCoder) {
    var (run, highest, seen) = (run, highest, seen)
    coder.code(&run)
    coder.code(&highest)
    coder.code(&seen)
    if let window = ReplayWindow(run: run, highest: highest, seen: seen) {
      self = window
    } else {
      coder.refuse()
    }
  }
}
