// SPDX-License-Identifier: Apache-2.0

/// `io.mcastd`, the interface of the control socket.
package enum ControlInterface {
  package static let name = "io.mcastd"
  package static let getStatus = "io.mcastd.GetStatus"
  package static let listPeers = "io.mcastd.ListPeers"
  package static let reload = "io.mcastd.Reload"
  package static let refusedError = "io.mcastd.ConfigurationRefused"
  package static let busyError = "io.mcastd.Busy"
  package static let replyTooLongError = "io.mcastd.ReplyTooLong"

  /// The variables that a caller hands over; none for the daemon's own.
  package struct ReloadParameters: Codable, Sendable {
    package var environment: [String: String]?

    package init(environment: [String: String]?) { self.environment = environment }
  }

  package static let description = """
    # mcastd: the multicast daemon
    interface io.mcastd

    # A setting in force, and where it comes from: in words, and as default, file, environment or
    # command-line.
    type Setting (value: string, origin: string, source: string)

    # A group joined on an interface; no sources means any.
    type Membership (group: string, port: int, interface: string, interfaceIndex: int, sources: []string)

    # How many peers are in each state.
    type PeerCounts (alive: int, late: int, silent: int, unknown: int)

    # What keeps the daemon from hearing, judging or sending, and since when.
    # condition: network-silent, own-beats-not-heard, cannot-send, verdicts-suspended, no-carrier or
    # interface-gone.
    type Condition (condition: string, interface: string, sinceUsec: int)

    # The ledger (received = logged + summarised + queued), memberships and settings.
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
      sent: int,
      sendFailed: int,
      peers: PeerCounts,
      conditions: []Condition,
      sendingOn: []string,
      memberships: []Membership,
      waitingFor: []string,
      config: string,
      settings: [string]Setting
    )

    # A peer: an address on an interface that sends heartbeats. state: alive, late,
    # silent, unknown (not heard, and not judged), or self. interface: empty for an expected peer never heard.
    # offsetUsec: our clock minus its payload. missed: those since the last beat included.
    type Peer (
      address: string,
      interface: string,
      port: int,
      state: string,
      lastHeardUsec: int,
      ageUsec: int,
      intervalUsec: int,
      beats: int,
      missed: int,
      missedHere: int,
      duplicates: int,
      reordered: int,
      restarts: int,
      clockSteps: int,
      jitterUsec: int,
      offsetUsec: int,
      note: string
    )

    # The peers in no order, as they were a second ago at most (of tens of thousands, a few seconds).
    # networkSilent: all fell silent together. refused: sources turned away by peers.max.
    method ListPeers() -> (peers: []Peer, networkSilent: bool, refused: int)

    # A setting that a reload changed. origin: where the new value comes from.
    type Change (key: string, before: string, after: string, origin: string)

    # Applies the configuration anew and answers when it is in force. Root and the daemon's own user only.
    # environment: MCASTD_* variables in place of the daemon's own. warnings: what was found and not
    # understood.
    method Reload(environment: ?[string]string) -> (changes: []Change, warnings: []string)

    # The new configuration was refused; the one before stays in force.
    error ConfigurationRefused (reason: string)

    # Too many connections, or one that was idle too long.
    error Busy (reason: string)

    # There are more peers than one reply can hold (about 80,000).
    error ReplyTooLong (reason: string)

    """
}
