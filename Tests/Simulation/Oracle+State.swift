// SPDX-License-Identifier: Apache-2.0

import Daemon
import Journal
import Liveness
import Monitor
import Multicast
import Platform

// What must hold after each judgement, and from time to time.
extension Oracle {
  /// Everything that waited was read, and judged.
  func judged(_ host: Host, _ process: DaemonProcess) {
    checkLedger(host, process)
    checkToldFiles(host, process)
    guard !process.reception.hasNews() else { return }
    for port in host.ports {
      let audible = audible(port)
      for other in peers[port] { check(port, other, audible) }
      if listening[port].isNetworkSilent, listening[port].heardSinceSilent > 0 {
        fail(.takenBack, port, "the network is silent, and \(listening[port].heardSinceSilent) beats came")
      }
      // Five calm seconds, a second more for a tick, and as much for the one before. What was dropped in a
      // stall is counted after it.
      if listening[port].isSuspended,
        world.now - max(listening[port].dropped, listening[port].impeded, host.stalledUntil) > .seconds(8)
      {
        fail(.takenBack, port, "verdicts are suspended, and nothing was dropped for 8 s")
      }
    }
  }

  private func check(_ port: Int, _ other: Int, _ audible: Int64) {
    let place = place(port, other)
    if sightings[place].told == .alive, audible - sightings[place].lastAudible < 6_000_000_000 { return }
    let sighting = sightings[place]
    guard !isForged(port, other) else { return }
    switch sighting.told {
    case .alive: checkMissed(port, other, sighting)
    case .silent:
      if sighting.freshSince >= 2, isHeardLately(port, other) {
        fail(.takenBack, port, "\(name(other)) is silent, and \(sighting.freshSince) beats came")
      }
    case .unknown:
      if sighting.freshSince >= 1, isHeardLately(port, other), !isImpeded(port) {
        fail(.takenBack, port, "\(name(other)) is unknown, and \(sighting.freshSince) beats came")
      }
    case .nothing:
      if sighting.freshSince >= 2, isHeardLately(port, other), hasRoom(port), !isImpeded(port) {
        fail(
          .missed, port,
          "\(name(other)) is not told, and \(sighting.freshSince) beats came; \(view(port, other))")
      }
    }
  }

  /// Where no stranger takes its place, in the table or among those that were heard once: two of its beats
  /// that are a minute apart make one established.
  private func hasRoom(_ port: Int) -> Bool {
    !world.hasStrangers && world.hosts[world.ports[port].host].plan.capacity > count
  }

  /// Whether it was heard within the time in which no peer becomes late.
  private func isHeardLately(_ port: Int, _ other: Int) -> Bool {
    world.now - sightings[place(port, other)].lastRead < 2 * intervals[other]
  }

  /// A peer that was not heard for longer than any daemon waits.
  private func checkMissed(_ port: Int, _ other: Int, _ sighting: Sighting) {
    // What came while the daemon could not judge may have taught it nothing.
    let isLearned =
      sighting.beats >= 20 && sighting.lastRead - listening[port].impeded > 20 * intervals[other]
    let assumed: Int64 = isLearned ? .seconds(1) : .seconds(10)
    let expected = max(assumed, sighting.longestGap, sighting.recentGap)
    let silence = audible(port) - sighting.lastAudible
    guard silence > expected * 4 + .seconds(4) else { return }
    let patience = expected * (beats(port, other) + 1) + .seconds(4)
    guard silence > patience, !isImpeded(port), world.now - listening[port].impeded > patience else { return }
    fail(
      .missed, port,
      "\(name(other)) is alive, and was not heard for \(text(silence)); \(view(port, other))")
  }

  // MARK: Missed beats

  /// The fewest missed beats after which a peer can be silent: three, and five of one that is new. Of how
  /// many beats losses are known no oracle can say, but not of more than were heard.
  static func leastBeats(_ sighting: Sighting) -> Int64 { sighting.heard < 4096 ? 5 : 3 }

  /// Whether a number of missed beats can be right.
  func checkBeats(_ port: Int, _ other: Int, _ beats: Int) {
    let sighting = sightings[place(port, other)]
    guard !(Self.leastBeats(sighting)...15 ~= Int64(beats)) else { return }
    fail(
      .cause, port, "\(name(other)) is silent after \(beats) missed beats, and \(sighting.heard) were heard")
  }

  /// After how many missed beats the daemon calls a peer silent; the highest number where it has none.
  private func beats(_ port: Int, _ other: Int) -> Int64 {
    let host = world.hosts[world.ports[port].host]
    guard let liveness = host.process?.reception.pipeline.monitor.liveness else { return 15 }
    let report = liveness.interfaces.reports(of: .address(world.ports[other].address)).first {
      liveness.names.name(of: $0.id.interface) == world.ports[port].name
    }
    let beats = report?.silentAfterBeats ?? 15
    checkBeats(port, other, beats)
    return Int64(beats)
  }

  /// What the daemon has of a peer.
  private func view(_ port: Int, _ other: Int) -> String {
    let host = world.hosts[world.ports[port].host]
    guard let liveness = host.process?.reception.pipeline.monitor.liveness else {
      return "there is no daemon"
    }
    let reports = liveness.interfaces.reports(of: .address(world.ports[other].address))
    let views = reports.map { report in
      "\(report.state) on \(liveness.names.name(of: report.id.interface)), every \(text(report.interval)), heard "
        + "\(text(host.clock.monotonic(world.now) - report.lastHeard)) ago"
    }
    let conditions = Condition.texts(liveness.conditions).joined(separator: ", ")
    return "it has \(views.joined(separator: "; ")) [\(conditions)]"
  }

  // MARK: The ledger

  func checkLedger(_ host: Host, _ process: DaemonProcess) {
    let ledger = process.ledger.snapshot
    func check(_ one: UInt64, _ other: UInt64, _ words: String) {
      if one != other { world.fail(.ledger, host: host.number, "\(one) \(words) \(other): \(ledger)") }
    }
    check(ledger.received, ledger.logged + ledger.summarised + ledger.queued, "received, accounted for are")
    check(ledger.received + ledger.foreign, process.read, "received or foreign, read were")
    check(ledger.kernelDropped, process.dropped, "dropped, the kernel counted")
    check(ledger.sent, process.beatsSent, "sent, the kernel took")
  }
}
