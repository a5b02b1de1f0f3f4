// SPDX-License-Identifier: Apache-2.0

// What became of the peers since it was told last.
extension PeerTable {
  /// The events since the last call: first those of all peers together, then those of established ones.
  ///
  /// - Parameter limit: Of how many peers at most; the rest waits for the next call.
  package mutating func takeEvents(limit: Int) -> [PeerEvent<ID>] {
    guard hasEvents else { return [] }
    var events: [PeerEvent<ID>] = roster.networkChanges.map { change in
      switch change {
      case .silent(let peers, let last, let since):
        .networkSilent(peers: peers, last: ids[last], since: since)
      case .heard(let slot, let arrival, let span):
        .networkHeard(by: ids[slot], at: arrival, silentFor: span)
      }
    }
    roster.networkChanges.removeAll(keepingCapacity: true)
    for (slot, other) in roster.contests { events.append(.contested(report(slot), by: other)) }
    roster.contests.removeAll()
    var left = limit
    while left > 0, let slot = roster.announcements.popEstablished() {
      left -= 1
      appendChanges(slot, &events)
    }
    let gone = min(left, departed.count)
    events += departed.prefix(gone)
    departed.removeFirst(gone)
    left -= gone
    while left > 0, let slot = roster.announcements.popNewcomer() {
      left -= 1
      appendChanges(slot, &events)
    }
    return events
  }

  /// Whether `takeEvents` has something to give.
  package var hasEvents: Bool { roster.hasEvents || !departed.isEmpty }

  /// The peers that were removed, and of which `takeEvents` has not told.
  var departedIDs: [ID] { departed.map(\.id) }

  /// Reports a peer's changes since it was reported last.
  private mutating func appendChanges(_ slot: Int, _ events: inout [PeerEvent<ID>]) {
    guard roster.peers[slot].isListed else { return }
    let report = report(slot)
    var reported = roster.announcements.reported(of: slot)
    if reported == .nothing {
      events.append(.discovered(report))
      reported = .alive
    }
    switch (reported, report.state) {
    case (.silent, .alive), (.silent, .late), (.silent, .unknown):
      events.append(.back(report))
      reported = .alive
    case (.left, .alive), (.left, .late), (.left, .unknown), (.left, .silent):
      events.append(.returned(report))
      reported = .alive
    case (.unknown, .alive), (.unknown, .late):
      events.append(.known(report))
      reported = .alive
    default: break
    }
    if report.state == .silent, reported != .silent {
      events.append(.silent(report))
      reported = .silent
    } else if report.state == .unknown, reported != .unknown {
      events.append(.unknown(report))
      reported = .unknown
    } else if report.state == .left, reported != .left {
      events.append(.left(report))
      reported = .left
    }
    roster.announcements.set(reported, of: slot)
  }
}
