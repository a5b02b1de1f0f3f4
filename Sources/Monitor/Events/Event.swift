// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// What operators and programs are told of: the one value behind an entry of the journal, a file of a peer,
/// the status line and the stream of events. It says what happened, not in which words: those are
/// `EventCatalogue`'s.
///
/// Interfaces go by their names. Spans and times are in nanoseconds, times of CLOCK_MONOTONIC.
package enum Event: Sendable {
  case service(ServiceEvent)
  /// An interface in one direction, or both, towards a group.
  case interface(InterfaceEvent, group: Endpoint)
  /// Sending to a group on an interface.
  case sending(SendingEvent, group: Endpoint, interface: String)
  /// Receiving a group as a whole.
  case receiving(ReceivingEvent, group: Endpoint)
  /// A peer of a group, several, or all.
  case peer(PeerChange, group: Endpoint)
  /// What this host says.
  case ownReadings(OwnReadingsEvent)
  /// What the hosts of a group say.
  case readings(ReadingsEvent, group: Endpoint)
  /// What follows from what hosts say.
  case rule(RuleEvent)
  /// What follows from the states of rules.
  case states(StatesEvent)
  /// The way into the journal.
  case journal(JournalEvent)
  /// The files of the runtime directory.
  case files(FilesEvent)
}

/// The process, its configuration, and its start and end.
package enum ServiceEvent: Sendable {
  /// - Parameters:
  ///   - status: the status line.
  ///   - group: of receiving, or of sending where nothing is received.
  case started(status: String, group: Endpoint)
  case startFailed(reason: String)
  /// - Parameters:
  ///   - signal: its name.
  ///   - ledger: in words.
  ///   - counts: the same, by name.
  ///   - untaken: entries that the journal did not take in the time that it had.
  case stopping(
    signal: String, ledger: String, counts: [(name: String, value: UInt64)], untaken: Int, within: Duration)
  /// - Parameter changes: `key=value` of each setting that changed.
  case configurationApplied(status: String, changes: [String])
  case configurationRefused(reason: String)
  /// A setting that mcastd does not know.
  case settingUnknown(warning: String)
}

/// A change of one interface.
package enum InterfaceEvent: Sendable {
  /// The group is joined there, or sent to.
  case began(String, address: IPAddress?, isSending: Bool)
  /// It has another name.
  case renamed(String, from: String, isSending: Bool)
  /// - Parameters:
  ///   - reason: why it cannot be used, in words that name it.
  ///   - waitingFor: interfaces that are waited for.
  case ended(String, reason: String, waitingFor: [String], isSending: Bool)
  /// The system refuses it.
  case refused(String, reason: String, errno: Int32)
  /// The system refuses a membership because of a limit.
  ///
  /// - Parameter sysctl: the limit.
  case limitReached(String, reason: String, errno: Int32, sysctl: String)
  /// The group could not be joined again where all peers are silent.
  case rejoinRefused(String, reason: String)
  case carrierLost(String)
  case carrierBack(String)
  /// Heartbeats leave from another address.
  case sourceChanged(String, from: IPAddress, to: IPAddress)
  /// The configuration names it, and it has not been there for 30 s.
  ///
  /// - Parameters:
  ///   - what: what is missing, in words.
  ///   - present: the interfaces that are there.
  ///   - origin: where the configuration names it.
  case missing(String, what: String, present: String, origin: String)
  /// The group falls quiet after each join, and is heard again as soon as it is joined again.
  ///
  /// - Parameter heardFor: from the join to the last datagram.
  case querierMissing(String, heardFor: Int64)

  /// The interface's name, or the address by which the configuration means it.
  package var interface: String {
    switch self {
    case .began(let name, _, _), .renamed(let name, _, _), .ended(let name, _, _, _),
      .refused(let name, _, _), .limitReached(let name, _, _, _), .rejoinRefused(let name, _),
      .carrierLost(let name), .carrierBack(let name), .sourceChanged(let name, _, _),
      .missing(let name, _, _, _), .querierMissing(let name, _):
      name
    }
  }
}

/// Whether heartbeats leave.
package enum SendingEvent: Equatable, Sendable {
  /// Sends fail from now on, or for another reason than before.
  case failing(errno: Int32)
  /// They succeed again, after so many that failed.
  case recovered(failures: Int)
}

/// What becomes of datagrams on their way into the process.
package enum ReceivingEvent: Sendable {
  /// The kernel granted a smaller buffer than was asked for, in bytes.
  case bufferClamped(granted: Int, wanted: Int)
  /// The kernel dropped datagrams.
  ///
  /// - Parameter buffer: the size of the receive buffer, in bytes.
  case dropped(SummaryPace.Summary, buffer: Int)
  /// So much is dropped that peers cannot be judged, or no more.
  case verdicts(DropShare.Change)
  /// Our own heartbeats do not come back on an interface, or do again.
  case ownBeats(SelfTest.Event.Change, interface: String)
  /// The socket of the previous process cannot be used.
  case socketUnusable(reason: String)
  /// Heartbeats are not authentic.
  ///
  /// - Parameter isRefused: Whether they count for nothing; otherwise they are marked.
  case notAuthentic(RefusedHeartbeats, isRefused: Bool)
  /// The clocks of hosts are so far off that a heartbeat of now cannot be told from a recorded one.
  ///
  /// - Parameter more: Hosts beyond those that are named.
  case clocksOff([ClockNews.Off], more: Int)
  /// They are right again.
  case clocksRight([HostName], more: Int)
}

/// A change of peers.
package enum PeerChange: Sendable {
  /// Of one peer, or of all on an interface.
  case one(PeerEvent<PeerID>, at: Int64, interface: String)
  /// Several peers of an interface did the same.
  ///
  /// - Parameters:
  ///   - event: the first of the events.
  ///   - subjects: names or addresses of the peers, as many as are remembered.
  case several(PeerEvent<PeerID>, count: Int, subjects: [PeerSubject], interface: String)
  /// Expected peers that were never heard are unknown from now on; no state for those that were heard now, or
  /// are expected no longer.
  case expected([(subject: PeerSubject, state: PeerState?)])
  /// Expected peers are silent and were never heard.
  ///
  /// - Parameter waited: for how long they could have been heard.
  case neverHeard([PeerSubject], waited: Int64)
  /// Peers were removed without a verdict: their interface, source or group is not wanted any more.
  case removed([(PeerID, interface: String)])
  /// So many events have no entry of their own.
  case suppressed(SummaryPace.Summary)
}

/// Whether datagrams and messages reach the journal.
package enum JournalEvent: Sendable {
  /// Why datagrams have no entry of their own: MCAST_REASON.
  package enum Reason: String, Sendable {
    /// Over the limit of log.rate and log.burst.
    case budget
    /// The queue to the journal was full.
    case stall
  }

  /// Datagrams have no entry of their own.
  ///
  /// - Parameter loudest: the sources of those not reported before, most datagrams first.
  case summarised(Reason, SummaryPace.Summary, loudest: [(source: IPAddress, count: UInt64)])
  /// Heartbeats fill the journal.
  ///
  /// - Parameters:
  ///   - bytes: a day.
  ///   - entries: within `span`.
  case heartbeatVolume(bytes: Int64, entries: Int64, span: Int64)
  /// journald could not be reached, and is again.
  case unreachable(for: Int64, errno: Int32)
  /// Messages of the daemon were lost while the journal was stalled.
  case messagesLost(Int)
}

/// Whether files of the runtime directory can be written.
package enum FilesEvent: Sendable {
  /// - Parameters:
  ///   - files: which, worded to follow "the files of".
  ///   - consequence: of their being out of date, one sentence.
  case failing(FileFailure, files: String, consequence: String)
  case recovered(files: String)
}
