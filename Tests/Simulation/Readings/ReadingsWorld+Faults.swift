// SPDX-License-Identifier: Apache-2.0

// What goes wrong: chosen one after the other, each from what can go wrong at that time.
extension ReadingsWorld {
  func beginFault() {
    guard let gap = scenario.faultGap, now < scenario.calmFrom else { return }
    agenda.add(.faultBegins, at: now + chance.between(gap / 10, gap * 2), host: -1)
    let kind = chance.pick(scenario.faults)
    var lasts = chance.pick([1, 1, 3, 8]) * chance.between(50_000_000, 1_200_000_000)
    var port = chance.below(ports.count)
    if let plan = scenario.fleet {
      lasts *= chance.pick([1, 1, 3])
      // Those of whom all depend.
      if chance.chance(0.5) { port = chance.below(plan.rule.members.count + 1) }
    }
    var fault = ReadingsFault(
      kind: kind, host: ports[port].host, port: port, ends: min(now + lasts, scenario.calmFrom))
    guard begin(&fault) else { return }
    faults.append(fault)
    trace(fault.host, "fault \(fault)")
    agenda.add(.faultEnds, at: fault.ends, host: fault.host, a: faults.count - 1)
    if fault.gap > 0 { agenda.add(.forgery, at: now + 1, host: -1, a: faults.count - 1) }
  }

  /// - Returns: Whether it can happen now.
  private func begin(_ fault: inout ReadingsFault) -> Bool {
    switch fault.kind {
    case .loss, .bursts, .duplicates, .reordering: return beginLinkFault(fault)
    case .partition, .deafPort, .mutePort, .oneWay: return beginCut(&fault)
    case .kill, .stop, .setBack: return beginDowntime(fault)
    case .stall, .portDown, .clockStep, .interval: return beginHostFault(fault)
    case .forger, .replayer, .flood: return beginForgery(&fault)
    }
  }

  private func beginLinkFault(_ fault: ReadingsFault) -> Bool {
    guard ports[fault.port].link.isSound else { return false }
    switch fault.kind {
    case .loss: ports[fault.port].link.loss = chance.pick([0.05, 0.2, 0.4, 0.6])
    case .bursts:
      ports[fault.port].link.bursts = Link.Bursts(
        toBad: chance.pick([0.01, 0.05]), toGood: chance.pick([0.05, 0.3]), loss: chance.pick([0.9, 1]))
    case .duplicates: ports[fault.port].link.duplicates = chance.pick([0.1, 1])
    default: ports[fault.port].link.jitter = chance.pick([5_000_000, 50_000_000, ReadingsFault.reordering])
    }
    return true
  }

  private func beginCut(_ fault: inout ReadingsFault) -> Bool {
    let members = ports.indices.filter { ports[$0].network == ports[fault.port].network }
    switch fault.kind {
    case .deafPort: paths.cutTo[fault.port] += 1
    case .mutePort: paths.cutFrom[fault.port] += 1
    case .oneWay:
      fault.other = chance.pick(members)
      guard fault.other != fault.port else { return false }
      paths.pairs.append((fault.port, fault.other))
    default:
      fault.port = ports[fault.port].network
      guard members.allSatisfy({ paths.sides[$0] == 0 }) else { return false }
      for port in members { paths.sides[port] = chance.chance(0.5) ? 1 : 0 }
    }
    return true
  }

  private func beginDowntime(_ fault: ReadingsFault) -> Bool {
    let host = hosts[fault.host]
    guard let process = host.process, host.stalledUntil <= now, !process.isLeaving else { return false }
    switch fault.kind {
    case .stop:
      host.keepsSocket = scenario.fleet == nil && chance.chance(0.3)
      host.fleet.isRestarting = chance.chance(0.7)
      sayGoodbye(process, of: host)
    case .setBack:
      // Seconds, or years; the runtime directory is lost with it.
      host.clock.step -= chance.pick([5, 3600, 100_000_000]) * 1_000_000_000
      host.storedRuns = []
      end(host, keepsSocket: false)
    default: end(host, keepsSocket: scenario.fleet == nil && chance.chance(0.3))
    }
    return true
  }

  private func beginHostFault(_ fault: ReadingsFault) -> Bool {
    let host = hosts[fault.host]
    guard let process = host.process, host.stalledUntil <= now else { return false }
    switch fault.kind {
    case .portDown:
      guard ports[fault.port].isUp else { return false }
      ports[fault.port].isUp = false
      join(process, of: host)
    case .clockStep:
      // What waits has a stamp of the clock before.
      guard host.waiting == 0 else { return false }
      let most: Int64 = chance.pick([500_000_000, 300_000_000_000, 200_000_000_000_000])
      host.clock.step += chance.between(-most, most)
    case .interval:
      host.interval = chance.pick(ReadingsFault.intervals)
      host.longestInterval = max(host.longestInterval, host.interval)
    default: host.stalledUntil = fault.ends
    }
    return true
  }

  // MARK: The end

  func endFault(_ number: Int) {
    let fault = faults[number]
    guard !fault.isOver else { return }
    faults[number].isOver = true
    switch fault.kind {
    case .loss: ports[fault.port].link.loss = 0
    case .bursts: ports[fault.port].link.bursts = nil
    case .duplicates: ports[fault.port].link.duplicates = 0
    case .reordering: ports[fault.port].link.jitter = 0
    case .deafPort: paths.cutTo[fault.port] -= 1
    case .mutePort: paths.cutFrom[fault.port] -= 1
    case .oneWay:
      if let place = paths.pairs.firstIndex(where: { $0 == (fault.port, fault.other) }) {
        paths.pairs.remove(at: place)
      }
    case .partition:
      for port in ports.indices where ports[port].network == fault.port { paths.sides[port] = 0 }
    case .kill, .setBack: start(hosts[fault.host])
    case .stop:
      // The second goodbye may still be to come.
      if hosts[fault.host].process == nil { start(hosts[fault.host]) }
      if hosts[fault.host].process?.isLeaving == true {
        agenda.add(.start, at: now + 50_000_000, host: fault.host)
      }
    case .stall: notify(hosts[fault.host])
    case .portDown:
      ports[fault.port].isUp = true
      if let process = hosts[fault.host].process { join(process, of: hosts[fault.host]) }
    case .interval: hosts[fault.host].interval = hosts[fault.host].plan.interval
    case .clockStep, .forger, .replayer, .flood: break
    }
  }

  /// Nothing goes wrong and nothing changes from now on.
  func calm() {
    trace(-1, "calm")
    for number in faults.indices { endFault(number) }
    for port in ports.indices { ports[port].link = Link() }
    for host in hosts where host.process == nil { start(host) }
    // Of two with one name one leaves for good, or none.
    for shared in senders.values where shared.count > 1 && chance.chance(0.5) {
      let host = hosts[chance.pick(shared)]
      if let process = host.process, !process.isLeaving { sayGoodbye(process, of: host) }
      host.isGone = true
    }
  }
}
