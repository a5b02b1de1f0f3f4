// SPDX-License-Identifier: Apache-2.0

/// The kind of a journal entry. `systemd/mcastd.catalog` is made of their explanations by
/// `packaging/update-catalog`, and a test compares the two.
package enum MessageKind: String, CaseIterable, Sendable {
  /// A datagram was received and recorded.
  case received
  /// The daemon has started.
  case started
  /// The daemon could not start.
  case startFailed
  /// The daemon stops; the entry has the ledger.
  case stopping
  /// A configuration came into force after a reload.
  case configurationApplied
  /// A configuration was refused on reload; the previous one stays in force.
  case configurationRefused
  /// A setting that mcastd does not know was ignored.
  case configurationUnknownKey
  /// The group was joined on an interface, or heartbeats are sent from it.
  case interfaceJoined
  /// An interface went away or refuses the group.
  case interfaceLost
  /// An interface that the configuration names has not been there for 30 s.
  case interfaceMissing
  /// The kernel's limit on memberships refused a join.
  case membershipLimit
  /// Heartbeats cannot be sent.
  case sendFailing
  /// Heartbeats are sent again.
  case sendRecovered
  /// The kernel granted a smaller receive buffer than was asked for.
  case receiveBufferClamped
  /// The kernel dropped datagrams because the receive buffer was full.
  case kernelDrops
  /// Datagrams have no entry of their own because of the log budget.
  case summarised
  /// Datagrams have no entry of their own because journald did not keep up.
  case journalStalled
  /// Heartbeats fill the journal.
  case heartbeatVolume
  /// A new peer sends heartbeats.
  case peerDiscovered
  /// A peer fell silent.
  case peerSilent
  /// A silent peer is heard again, or the first peer after the network was silent.
  case peerBack
  /// A peer said goodbye.
  case peerLeft
  /// Two senders use one name.
  case nameUsedTwice
  /// An established peer was evicted from a full peer table.
  case peerEvicted
  /// All peers fell silent at once.
  case networkSilent
  /// The kernel drops so much that silence of a peer cannot be told from loss.
  case verdictsSuspended
  /// Peers are judged again.
  case verdictsResumed
  /// Heartbeats are not authentic.
  case notAuthentic
  /// The clocks of hosts differ too much from ours.
  case clockOff
  /// They are right again.
  case clockRight
  /// A host says something else.
  case readingChanged
  /// Readings of a host that were known are not any more.
  case readingUnknown
  /// They are known again.
  case readingKnown
  /// A reading of this host cannot be said.
  case readingLeftOut
  /// It can be again.
  case readingSaid
  /// A rule is in another state.
  case ruleState
  /// A rule is suspended: its state was entered and left too often.
  case ruleSuspended
  /// A rule is not in force.
  case ruleLeftOut
  /// It is again.
  case ruleInForce
  /// The target of a state cannot be started or stopped.
  case targetRefused
  /// It can be again.
  case targetAccepted
  /// Our own heartbeats are not looped back to us: a local fault.
  case ownHeartbeatNotHeard
  /// Our own heartbeats are looped back to us again.
  case ownHeartbeatHeard
  /// Files of the runtime directory cannot be written.
  case filesFailing
  /// They are written again.
  case filesRecovered
  /// journald could not be reached for a while.
  case journalUnreachable
  /// Messages of the daemon were lost while the journal was stalled.
  case messagesLost
  /// The receive socket of the previous process cannot be used.
  case socketUnusable
  /// The group fell silent in the way that a missing IGMP or MLD querier causes.
  case querierMissing

  /// What `journalctl -x` says of it; nil for `received`, which would be repeated below each datagram.
  package var explanation: Explanation? {
    switch self {
    case .received: nil
    case .started: .started
    case .startFailed: .startFailed
    case .stopping: .stopping
    case .configurationApplied: .configurationApplied
    case .configurationRefused: .configurationRefused
    case .configurationUnknownKey: .configurationUnknownKey
    case .interfaceJoined: .interfaceJoined
    case .interfaceLost: .interfaceLost
    case .interfaceMissing: .interfaceMissing
    case .membershipLimit: .membershipLimit
    case .sendFailing: .sendFailing
    case .sendRecovered: .sendRecovered
    case .receiveBufferClamped: .receiveBufferClamped
    case .kernelDrops: .kernelDrops
    case .summarised: .summarised
    case .journalStalled: .journalStalled
    case .heartbeatVolume: .heartbeatVolume
    case .peerDiscovered: .peerDiscovered
    case .peerSilent: .peerSilent
    case .peerBack: .peerBack
    case .peerLeft: .peerLeft
    case .nameUsedTwice: .nameUsedTwice
    case .peerEvicted: .peerEvicted
    case .networkSilent: .networkSilent
    case .verdictsSuspended: .verdictsSuspended
    case .verdictsResumed: .verdictsResumed
    case .notAuthentic: .notAuthentic
    case .clockOff: .clockOff
    case .clockRight: .clockRight
    case .readingChanged: .readingChanged
    case .readingUnknown: .readingUnknown
    case .readingKnown: .readingKnown
    case .readingLeftOut: .readingLeftOut
    case .readingSaid: .readingSaid
    case .ruleState: .ruleState
    case .ruleSuspended: .ruleSuspended
    case .ruleLeftOut: .ruleLeftOut
    case .ruleInForce: .ruleInForce
    case .targetRefused: .targetRefused
    case .targetAccepted: .targetAccepted
    case .ownHeartbeatNotHeard: .ownHeartbeatNotHeard
    case .ownHeartbeatHeard: .ownHeartbeatHeard
    case .filesFailing: .filesFailing
    case .filesRecovered: .filesRecovered
    case .journalUnreachable: .journalUnreachable
    case .messagesLost: .messagesLost
    case .socketUnusable: .socketUnusable
    case .querierMissing: .querierMissing
    }
  }

  /// The MESSAGE_ID: 128 bits in 32 lower-case hexadecimal digits (systemd.journal-fields(7)).
  package var messageID: String { explanation?.messageID ?? "d344a5587e464832b8136e8ae97dfc82" }
}
