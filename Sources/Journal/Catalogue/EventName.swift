// SPDX-License-Identifier: Apache-2.0

import Liveness
import Monitor

extension EventCatalogue {
  /// The event's name in `mcastd monitor` and `io.mcastd.Monitor`, which the manual lists: that of its kind
  /// of entry, in words with hyphens, or one of its own where it has no entry or shares its kind.
  ///
  /// - Parameter entry: The event's own.
  package static func name(of event: Event, _ entry: EventEntry?) -> String {
    switch event {
    case .peer(.one(let change, _, _), _), .peer(.several(let change, _, _, _), _): name(of: change)
    case .peer(.neverHeard, _): MessageKind.peerSilent.words
    case .peer(.expected, _): "peer-expected"
    case .peer(.removed, _): "peer-removed"
    case .peer(.suppressed, _): MessageKind.summarised.words
    case .readings(.changed, _): MessageKind.readingChanged.words
    case .readings(.unknown, _): MessageKind.readingUnknown.words
    case .readings(.known, _): MessageKind.readingKnown.words
    case .readings(.suppressed, _): MessageKind.summarised.words
    case .rule(.state(_, let isEntered, _, _)): isEntered ? "state-entered" : "state-left"
    case .rule, .service, .interface, .sending, .receiving, .ownReadings, .states, .journal, .files:
      entry?.kind.words ?? ""
    }
  }

  private static func name(of change: PeerEvent<PeerID>) -> String {
    switch change {
    case .discovered: MessageKind.peerDiscovered.words
    case .silent: MessageKind.peerSilent.words
    case .back: MessageKind.peerBack.words
    case .left: MessageKind.peerLeft.words
    case .returned: "peer-returned"
    case .contested: MessageKind.nameUsedTwice.words
    case .unknown: "peer-unknown"
    case .known: "peer-known"
    case .forgotten: "peer-forgotten"
    case .evicted: MessageKind.peerEvicted.words
    case .networkSilent: MessageKind.networkSilent.words
    case .networkHeard: "network-heard"
    }
  }
}

extension MessageKind {
  /// `peer-silent` of `peerSilent`.
  fileprivate var words: String {
    rawValue.map { $0.isUppercase ? "-\($0.lowercased())" : "\($0)" }.joined()
  }
}
