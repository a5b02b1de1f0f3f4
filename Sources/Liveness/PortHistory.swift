// SPDX-License-Identifier: Apache-2.0

/// Recognises restarts and several senders behind one address by their source ports. A Python sender has a
/// new port every second, which tells nothing; a sender that keeps its port and then has another was
/// restarted; ports that are heard in turns are several senders.
struct PortHistory: Equatable, Sendable {
  /// The meaning of a beat's port.
  enum Finding: Equatable, Sendable {
    /// Nothing new.
    case nothing
    /// A sender that kept its port has another one: restarted, or a second sender. The next beat tells.
    case unfamiliar
    /// A sender that kept its port keeps another one now: it was restarted.
    case restarted
  }

  /// The port that is heard most steadily, or the last one.
  private(set) var port: UInt16
  /// The last other port.
  private(set) var otherPort: UInt16 = 0
  /// Beats from `port`, saturating.
  private var beats: UInt8 = 1
  /// Beats from others since `port` was heard, and how many of them came from `otherPort` in a row.
  private var otherBeats: UInt8 = 0
  private var otherBeatsAlike: UInt8 = 0
  /// Grows by 32 when `port` is heard after another, shrinks by 1 when it is heard again: senders with up to
  /// 20 times each other's pace are recognised within a few of the slower one's beats.
  private var turns: UInt8 = 0

  /// The history of one beat.
  init(port: UInt16) {
    self.port = port
  }

  /// Whether the port was the same for several beats, so that it means something.
  var isSteady: Bool { beats >= 3 }
  /// Whether several senders share the address.
  var isShared: Bool { turns >= 64 }

  /// Notes the source port of a beat.
  mutating func note(_ heard: UInt16) -> Finding {
    if heard == port {
      if otherBeats > 0 {
        turns = turns > 255 - 32 ? 255 : turns + 32
        otherBeats = 0
      } else if turns > 0 {
        turns -= 1
      }
      if beats < .max { beats += 1 }
      return .nothing
    }
    otherBeatsAlike = otherBeats > 0 && heard == otherPort ? min(otherBeatsAlike, 254) + 1 : 1
    otherBeats = min(otherBeats, 254) + 1
    otherPort = heard
    if otherBeats == 1 { return isSteady && !isShared ? .unfamiliar : .nothing }
    let isMove = otherBeats == 2 && otherBeatsAlike == 2
    guard isMove || otherBeats >= 4 else { return .nothing }
    let finding: Finding = isMove && isSteady && !isShared ? .restarted : .nothing
    otherPort = port
    port = heard
    beats = otherBeatsAlike
    otherBeats = 0
    return finding
  }

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    coder.code(&port)
    coder.code(&otherPort)
    coder.code(&beats)
    coder.code(&otherBeats)
    coder.code(&otherBeatsAlike)
    coder.code(&turns)
  }
}

extension PortHistory: Codable {
  // As peers.json has them since 0.1.0.
  private enum CodingKeys: String, CodingKey {
    case port
    case otherPort
    case beats
    case otherBeats = "strangers"
    case otherBeatsAlike = "strangersAlike"
    case turns
  }
}
