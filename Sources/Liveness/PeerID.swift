// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// The identity of a peer: its name, or a source address, on an interface. The port is no part of it, for the
/// Python sender has a new one for every beat.
package struct PeerID: Hashable, Sendable {
  /// Its name, or its address where it has none.
  package let subject: PeerSubject
  /// The interface's number in `InterfaceNames`, not the kernel's index: a card that is removed and put back
  /// keeps its peers.
  package let interface: Int32
  /// Which of its own interfaces a named sender sends on, as it says (`Announcement.via`): where two of them
  /// are in one network, each has beats and numbers of its own.
  package let via: UInt8

  /// A peer on an interface.
  package init(_ subject: PeerSubject, interface: Int32, via: UInt8 = 1) {
    self.subject = subject
    self.interface = interface
    self.via = via
  }

  /// A source address on an interface.
  package init(address: IPAddress, interface: Int32) {
    self.init(.address(address), interface: interface)
  }

  /// The sender of a heartbeat.
  package init(_ said: Announcement?, from address: IPAddress, interface: Int32) {
    let subject = PeerSubject(said, from: address)
    self.init(subject, interface: interface, via: subject.name == nil ? 1 : said?.via ?? 1)
  }

  // Written out: that of an address is a call to another module.
  package static func == (one: PeerID, other: PeerID) -> Bool {
    guard one.interface == other.interface, one.via == other.via else { return false }
    switch (one.subject, other.subject) {
    case (.address(let one), .address(let other)):
      return one.low == other.low && one.high == other.high && one.family == other.family
    case (.name(let one), .name(let other)): return one == other
    case (.address, .name), (.name, .address): return false
    }
  }

  /// Feeds all that a sender chooses to the seeded hash: with words folded beforehand, sources could be made
  /// to collide. An IPv4 address and the interface go into one round, for the table is looked up for every
  /// heartbeat.
  package func hash(into hasher: inout Hasher) {
    let place = UInt64(UInt32(bitPattern: interface))
    switch subject {
    case .address(let address) where address.family == .ipv4: hasher.combine(address.low | place << 32)
    case .address(let address):
      hasher.combine(address.high)
      hasher.combine(address.low)
      hasher.combine(place)
    case .name(let name):
      hasher.combine(name)
      hasher.combine(place | UInt64(via) << 32)
    }
  }

  /// Of sources that were heard once: seeded for the process, so that no sender can choose it.
  package static let seededHash: @Sendable (PeerID) -> UInt64 = {
    UInt64(bitPattern: Int64($0.hashValue))
  }
}

extension PeerID: Codable {
  // As peers.json has them since 0.1.0.
  private enum CodingKeys: String, CodingKey {
    case subject = "address"
    case interface
    case via
  }

  /// - Throws: `DecodingError`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(PeerSubject.self, forKey: .subject),
      interface: try container.decode(Int32.self, forKey: .interface),
      via: try container.decodeIfPresent(UInt8.self, forKey: .via) ?? 1)
  }

  /// - Throws: `EncodingError`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(subject, forKey: .subject)
    try container.encode(interface, forKey: .interface)
    if via != 1 { try container.encode(via, forKey: .via) }
  }
}
