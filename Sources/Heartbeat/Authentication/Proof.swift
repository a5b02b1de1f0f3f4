// SPDX-License-Identifier: Apache-2.0

/// What a received heartbeat proves, as it is shown: in MCAST_AUTH, in tables and in JSON.
package enum Proof: String, CaseIterable, Codable, Sendable {
  /// It ends in no code.
  case none
  /// One of those who have the key of its `mac=` sent it.
  case ok
  /// The one who has the seed of its `sig=` sent it.
  case signed
  /// A code is wrong, or by a key that is not known or not good for its host.
  case bad
  /// It was accepted before, or may have been recorded: its number or its time is of the past.
  case replayed

  /// The raw value, for who must not allocate.
  package var text: StaticString {
    switch self {
    case .none: "none"
    case .ok: "ok"
    case .signed: "signed"
    case .bad: "bad"
    case .replayed: "replayed"
    }
  }

  /// Whether what it says comes from a host of the group.
  package var isAuthentic: Bool { self == .ok || self == .signed }
}
