// SPDX-License-Identifier: Apache-2.0

import Varlink

/// `io.mcastd`, the interface of the control socket.
package enum ControlInterface {
  package static let name = "io.mcastd"
  /// The methods; the raw values are their names in the description.
  package enum Method: String, CaseIterable, Sendable {
    case getStatus = "GetStatus"
    case listPeers = "ListPeers"
    case explainPeer = "ExplainPeer"
    case listReadings = "ListReadings"
    case listRules = "ListRules"
    case getMetrics = "GetMetrics"
    case setReadings = "SetReadings"
    case unsetReadings = "UnsetReadings"
    case monitor = "Monitor"
    case reload = "Reload"

    /// As in a call: `io.mcastd.GetStatus`.
    package var qualifiedName: String { "\(ControlInterface.name).\(rawValue)" }
  }

  /// The errors, each with a reason in words; the raw values are their names in the description.
  package enum Failure: String, CaseIterable, Sendable {
    case configurationRefused = "ConfigurationRefused"
    case busy = "Busy"
    case noSuchPeer = "NoSuchPeer"
    case readingRefused = "ReadingRefused"
    case overrun = "Overrun"
    case replyTooLong = "ReplyTooLong"

    /// As in a reply: `io.mcastd.Busy`.
    package var qualifiedName: String { "\(ControlInterface.name).\(rawValue)" }

    package struct Parameters: Codable, Sendable, Equatable {
      package var reason: String
    }

    package func error(reason: String) -> VarlinkError {
      VarlinkError(qualifiedName, encoded: VarlinkParameters(Parameters(reason: reason)) ?? .none)
    }
  }

  /// The parameters of `Reload`.
  package struct ReloadParameters: Codable, Sendable {
    /// MCASTD_* variables in place of the daemon's own; nil for the daemon's own.
    package var environment: [String: String]?

    /// The names of the parameters, for the server, which refuses others.
    package static let names: Set<String> = ["environment"]

    package init(environment: [String: String]?) { self.environment = environment }
  }

  /// The parameters of `ExplainPeer`.
  package struct ExplainParameters: Codable, Sendable {
    /// A name or an address.
    package var peer: String

    /// The names of the parameters, for the server, which refuses others.
    package static let names: Set<String> = ["peer"]

    package init(peer: String) { self.peer = peer }
  }

  /// The definition in Varlink's language, which `GetInterfaceDescription` hands out.
  package static let description = """
    # mcastd: the multicast daemon
    interface io.mcastd

    # A setting in force, and where it comes from: in words, and as default, file, environment or
    # command-line.
    type Setting (value: string, origin: string, source: string)

    # A group joined on an interface; no sources means any.
    type Membership (group: string, port: int, interface: string, interfaceIndex: int, sources: []string)

    # How many peers are in each state.
    type PeerCounts (alive: int, late: int, silent: int, left: int, unknown: int)

    # What keeps the daemon from hearing, judging or sending, and since when.
    # condition: network-silent, own-beats-not-heard, cannot-send, verdicts-suspended, no-carrier or
    # interface-gone.
    type Condition (condition: string, interface: string, sinceUsec: int)

    # The ledger (received = logged + summarised + queued), memberships and settings. keys: by which
    # heartbeats are authenticated, ID ALGORITHM, with (seals) after those that seal our own.
    method GetStatus() -> (
      version: string,
      startedUsec: int,
      uptimeUsec: int,
      status: string,
      received: int,
      logged: int,
      summarised: int,
      queued: int,
      kernelDropped: int,
      truncated: int,
      foreign: int,
      unauthenticated: int,
      replayed: int,
      sent: int,
      sendFailed: int,
      peers: PeerCounts,
      conditions: []Condition,
      sendingOn: []string,
      memberships: []Membership,
      waitingFor: []string,
      config: string,
      settings: [string]Setting,
      keys: []string
    )

    # A peer: a host with a name, or an address, that sends heartbeats on an interface. state: alive, late,
    # silent, left (it said goodbye), unknown (not heard, and not judged), or self. host: its name, empty
    # without one. address: where its last heartbeat came from. interface: empty for an expected peer never
    # heard.
    # auth: what its last heartbeat proves: none, ok, signed, bad or replayed; empty where nothing is to be
    # proved.
    # offsetUsec: our clock minus its payload. missed: those since the last beat included.
    # silentAfterBeats, silentAfterUsec: how many beats in a row are missing when it is silent, and how long
    # that is after its last one; 0 where it is not judged by that.
    # readings, readingsUnknown: how many readings of its host are known, and are not.
    type Peer (
      host: string,
      address: string,
      interface: string,
      port: int,
      state: string,
      auth: string,
      lastHeardUsec: int,
      ageUsec: int,
      intervalUsec: int,
      silentAfterBeats: int,
      silentAfterUsec: int,
      beats: int,
      missed: int,
      missedHere: int,
      duplicates: int,
      reordered: int,
      restarts: int,
      clockSteps: int,
      jitterUsec: int,
      offsetUsec: int,
      readings: int,
      readingsUnknown: int,
      note: string
    )

    # The peers in no order, as they were a second ago at most (of tens of thousands, a few seconds).
    # networkSilent: all fell silent together. refused: sources turned away by peers.max.
    method ListPeers() -> (peers: []Peer, networkSilent: bool, refused: int)

    # Runs of lost beats of some length.
    type LossRun (shortest: int, longest: int, count: int)

    # How a peer is judged on an interface, and why.
    # silentAfterBeats: missing beats in a row after which it is silent; they follow from the losses that are
    # known of it and from how often the group may be called silent in error (falseAlarms, divided among
    # group peers).
    # reason, why it is not fewer: least, few-beats (too few are known), loss, recent-loss (more losses just
    # now than before), bursts (losses follow losses), steadiness (fewer would do, but not by much).
    # lossRate: the share of knownBeats that was lost; those of long ago count in part.
    # expectedPerYear, allowedPerYear: false alarms of this peer. isEnough: whether no more are expected.
    # marginUsec: how late a beat may be. silentAfterUsec: how long after its last beat it is silent.
    # lastVerdict: silent or left, where it was that before it was heard again last; with since when and for
    # how long.
    type Explanation (
      host: string,
      address: string,
      interface: string,
      state: string,
      sinceUsec: int,
      lastHeardUsec: int,
      intervalUsec: int,
      isIntervalAnnounced: bool,
      silentAfterBeats: int,
      reason: string,
      lossRate: float,
      knownBeats: int,
      lossRuns: []LossRun,
      falseAlarms: string,
      group: int,
      expectedPerYear: float,
      allowedPerYear: float,
      isEnough: bool,
      jitterUsec: int,
      marginUsec: int,
      silentAfterUsec: int,
      lastVerdict: ?string,
      lastVerdictUsec: ?int,
      lastedUsec: ?int
    )

    # The peers that are known by a name or an address, one for each interface.
    method ExplainPeer(peer: string) -> (peers: []Explanation)

    # A reading: what a host says in its heartbeats. value: as it was said last, ? where it is unknown.
    # quality: good; stale (its host was not heard for five beats), unknown (its host says so, or says it no
    # more, or shares its name), unauthenticated (not proved, where auth.mode is sign), or drill (for
    # practice, beside the true one). auth: what the heartbeat proves that said it, as of a peer. address:
    # empty for this host.
    # ageUsec, heardUsec: since when and when it was said last. changedUsec: since when it is what it is.
    type Reading (
      host: string,
      address: string,
      key: string,
      value: string,
      quality: string,
      auth: string,
      ageUsec: int,
      heardUsec: int,
      changedUsec: int
    )

    # What hosts say, this one included, in no order. hosts: names; none for all.
    method ListReadings(hosts: ?[]string) -> (readings: []Reading)

    # What a condition of a rule finds of a host, by name or address, empty for this one. result: T, F or U,
    # which is unknown; reason: why. isDrill: whether the value is for practice.
    type RuleHost (host: string, value: string, result: string, reason: string, isDrill: bool)

    # kind: when or until. condition: as the rule has it.
    type RuleCondition (kind: string, condition: string, result: string, hosts: []RuleHost)

    # A rule in force. state: inactive, pending, active, releasing or suspended. nextUsec: when it goes on if
    # nothing changes. feeds: the state that it enters and leaves, and unit the target that is started for
    # that; unitState: its ActiveState, empty where it is not known; wantedBy: the units that are enabled for
    # it. drill: in which state it would be if what is said for practice were true.
    type Rule (
      rule: string,
      description: string,
      state: string,
      sinceUsec: int,
      nextUsec: ?int,
      feeds: string,
      unit: string,
      unitState: string,
      wantedBy: []string,
      dryRun: bool,
      drill: ?string,
      conditions: []RuleCondition
    )

    # The rules of rules.directory, by name. leftOut: why others are not in force.
    method ListRules() -> (rules: []Rule, leftOut: []string)

    # labels: what tells a sample from others of its metric. value: none where it is not known.
    type MetricSample (labels: [string]string, value: ?float)

    # name: as in Prometheus' text format. type: counter, gauge, info (text in its labels) or state (the word
    # that is the label state). unit: empty for none. help: one sentence.
    type Metric (name: string, type: string, unit: string, help: string, samples: []MetricSample)

    # Counters and gauges as they are, as they were 0.1 s ago at most (of ten thousand, a few seconds).
    method GetMetrics() -> (metrics: []Metric)

    # A reading that this host is to say.
    type NewReading (key: string, value: string)

    # This host says these readings from now on. Root, the daemon's own user and its group only. All are
    # taken or none. forUsec: how long; then they are unknown, or what a file of that name has again. test:
    # for practice. warnings: what was found and is no error.
    method SetReadings(readings: []NewReading, forUsec: ?int, test: ?bool) -> (warnings: []string)

    # This host says no more what was set; what a file of that name has it says again.
    method UnsetReadings(keys: []string, test: ?bool) -> (warnings: []string)

    # What happens, as it happens, to a call with more: first the conditions, peers, readings and rules as
    # they are (snapshot-condition, snapshot-peer, snapshot-reading, snapshot-rule, snapshot-complete), then
    # the events in order (peer-silent, say). No reply is the last.
    # timeUsec: when it happened; of a peer in the snapshot, when it was last heard, 0 for never. state: of
    # the peer from now on; without one it is gone. A peer is told by its host, or its address where it has
    # no name, and its interface; an expected one that was never heard has no interface. host: of
    # snapshot-complete, the name in this host's own heartbeats, if any. key, value, quality: of a reading of
    # a host; timeUsec of one in the snapshot is when it was said last. rule: of one whose state it is then,
    # or of a state that is entered or left (state-entered, state-left). isDrill: whether the rule only would
    # be in that state. priority, message, messageId and fields: as an entry of its own in the journal has
    # them.
    method Monitor() -> (
      event: string,
      timeUsec: int,
      interface: ?string,
      host: ?string,
      address: ?string,
      state: ?string,
      key: ?string,
      value: ?string,
      quality: ?string,
      rule: ?string,
      isDrill: ?bool,
      condition: ?string,
      priority: ?int,
      message: ?string,
      messageId: ?string,
      fields: ?[string]string
    )

    # A setting that a reload changed. origin: where the new value comes from.
    type Change (key: string, before: string, after: string, origin: string)

    # Applies the configuration anew and answers when it is in force. Root and the daemon's own user only.
    # environment: MCASTD_* variables in place of the daemon's own. keys: those in force, where they are
    # others now. rules: NAME (new), (changed) or (removed). warnings: what was found and not understood.
    method Reload(
      environment: ?[string]string
    ) -> (changes: []Change, keys: []string, rules: []string, warnings: []string)

    # The new configuration was refused; the one before stays in force.
    error ConfigurationRefused (reason: string)

    # No peer is known by this name or address.
    error NoSuchPeer (reason: string)

    # A reading cannot be said: its key or value is none, there are too many, or this host has no name.
    error ReadingRefused (reason: string)

    # Too many connections or callers of Monitor, or a connection that was idle too long.
    error Busy (reason: string)

    # The caller reads too slowly: more replies wait for it than are kept. Call again for a new snapshot.
    error Overrun (reason: string)

    # There are more peers than one reply can hold (about 80,000).
    error ReplyTooLong (reason: string)

    """
}
