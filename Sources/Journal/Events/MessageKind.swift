// SPDX-License-Identifier: Apache-2.0

/// The kind of a journal entry. Its MESSAGE_ID never changes: `journalctl MESSAGE_ID=` and the catalog depend
/// on it.
///
/// A test compares the kinds with the catalog, `systemd/mcastd.catalog`. Only `received` has no explanation
/// there, because `journalctl -x` would repeat it below each datagram.
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
  /// An established peer was evicted from a full peer table.
  case peerEvicted
  /// All peers fell silent at once.
  case networkSilent
  /// The kernel drops so much that silence of a peer cannot be told from loss.
  case verdictsSuspended
  /// Peers are judged again.
  case verdictsResumed
  /// Our own heartbeats are not looped back to us: a local fault.
  case ownHeartbeatNotHeard
  /// Our own heartbeats are looped back to us again.
  case ownHeartbeatHeard
  /// Files of the runtime directory cannot be written.
  case filesFailing
  /// They are written again.
  case filesRecovered
  /// The group fell silent in the way that a missing IGMP or MLD querier causes.
  case querierMissing

  /// The MESSAGE_ID: 128 bits in 32 lower-case hexadecimal digits (systemd.journal-fields(7)).
  package var messageID: String {
    switch self {
    case .received: "d344a5587e464832b8136e8ae97dfc82"
    case .started: "7e633452a0bb45439d575e89acba2bc3"
    case .startFailed: "0b407321daaa4e4abbea4ac82c34f8ef"
    case .stopping: "c518014f6ea6475ba3f44578cc438e46"
    case .configurationApplied: "5656059b6cd1491bb29218cd8a64c0ea"
    case .configurationRefused: "f37d11fa130d4600833b95e7ed63b8b2"
    case .configurationUnknownKey: "93623e7be258408bbfd0ddb1f40ac354"
    case .interfaceJoined: "6805565c69a442079e06532c6c64b2bd"
    case .interfaceLost: "94c11cfbc45941bfabf503e37a321394"
    case .interfaceMissing: "842c64826fff4e82bb5c00ffb3877f88"
    case .membershipLimit: "d209700bcb2749268ca0b8d3f7886407"
    case .sendFailing: "00c1e3987fca4e7faf1867ac975e26ce"
    case .sendRecovered: "ed623c098c954f1dbd3bbf63139627f4"
    case .receiveBufferClamped: "a96ad01a3ab7449298059b72fa6f8d28"
    case .kernelDrops: "bd04f5635e014f9ea31552d1eab43441"
    case .summarised: "43c6e8b02f2d4edb8ec42569736454f5"
    case .journalStalled: "a97610b9a91a48d8940d957268752619"
    case .heartbeatVolume: "d63e491ecf634d5d8cc153eddabee91e"
    case .peerDiscovered: "245c3d21e4da4f05963da30670d45d7a"
    case .peerSilent: "cabb2ea43a744350a4a4e3d6497ed3dc"
    case .peerBack: "18e7fcceb66f47519e71819161722080"
    case .peerEvicted: "23f2bef0e8d44b1c96cab004f6b8a325"
    case .verdictsSuspended: "1bf82551e25b495784b1a8f18b4fa396"
    case .verdictsResumed: "06a300a4b9704973ac2e03713c8d938b"
    case .networkSilent: "1d5c34bcf4714fce96758707c4215da0"
    case .ownHeartbeatNotHeard: "1e0c7eefc75b40cb8b2ba94a319aa4d9"
    case .ownHeartbeatHeard: "673ebca2a53e44b2a433d72a1d44b24e"
    case .filesFailing: "a616ffa855804e1396cc849c7c916bcf"
    case .filesRecovered: "ed9387621b8a4e12a0ef23a3d73fe5b8"
    case .querierMissing: "1936200f0dd0421bb4d8e1486e697387"
    }
  }
}
