// SPDX-License-Identifier: Apache-2.0

// What goes wrong: chosen one after the other, each from what can go wrong at that time.
extension World {
  func beginFault() {
    guard let gap = scenario.faultGap else { return }
    timeline.add(.faultBegins, at: now + chance.between(gap / 10, gap * 2), host: -1)
    let kind = chance.pick(scenario.faults)
    let lasts = chance.pick([1, 3, 8, 8, 20, 60, 300]) * chance.between(100_000_000, 1_500_000_000)
    let port = chance.below(ports.count)
    var fault = Fault(kind: kind, host: ports[port].host, port: port, ends: now + lasts)
    guard begin(&fault) else { return }
    // A number for as long as it lasts.
    let number = faults.firstIndex { $0.ends < now - .seconds(3) } ?? faults.count
    if number == faults.count { faults.append(fault) } else { faults[number] = fault }
    trace.add(.faultBegan, at: now, host: fault.host, Int64(number), 0, fault.text)
    timeline.add(.faultEnds, at: fault.ends, host: fault.host, a: number)
    if fault.gap > 0 { timeline.add(.forgery, at: now + 1, host: -1, a: number) }
  }

  /// - Returns: Whether it can happen now.
  private func begin(_ fault: inout Fault) -> Bool {
    switch fault.kind {
    case .loss, .bursts, .duplicates, .reordering: return beginLinkFault(fault)
    case .partition, .deafPort, .mutePort, .oneWay, .outage: return beginCut(&fault)
    case .kill, .stop: return beginDowntime(&fault)
    case .noise, .flood, .replay, .spoof: return beginForgery(&fault)
    case .fullDisk, .filesRemoved, .stalledJournal, .stall, .kernelDrops, .clockStep, .interval:
      return beginHostFault(&fault)
    case .interfaceDown, .carrierLost, .interfaceReplaced, .loopCut: return beginPortFault(fault)
    }
  }

  private func beginLinkFault(_ fault: Fault) -> Bool {
    guard ports[fault.port].link.isSound else { return false }
    switch fault.kind {
    case .loss: ports[fault.port].link.loss = chance.pick([0.01, 0.05, 0.2, 0.5, 0.9])
    case .bursts:
      ports[fault.port].link.bursts = Link.Bursts(
        toBad: chance.pick([0.001, 0.01, 0.05]), toGood: chance.pick([0.01, 0.05, 0.3]),
        loss: chance.pick([0.5, 0.9, 1]))
    case .duplicates: ports[fault.port].link.duplicates = chance.pick([0.01, 0.2, 1])
    default: ports[fault.port].link.jitter = chance.pick([5_000_000, 100_000_000, 700_000_000])
    }
    return true
  }

  private func beginCut(_ fault: inout Fault) -> Bool {
    switch fault.kind {
    case .deafPort: paths.cutTo[fault.port] += 1
    case .mutePort: paths.cutFrom[fault.port] += 1
    case .oneWay:
      let network = networks[ports[fault.port].network]
      fault.other = chance.pick(network)
      guard fault.other != fault.port else { return false }
      paths.pairs.append((fault.port, fault.other))
    case .outage:
      fault.host = -1
      fault.port = ports[fault.port].network
      for port in networks[fault.port] { paths.cutTo[port] += 1 }
    default:
      fault.host = -1
      fault.port = ports[fault.port].network
      let members = networks[fault.port]
      guard members.allSatisfy({ paths.sides[$0] == 0 }) else { return false }
      for port in members { paths.sides[port] = chance.chance(0.5) ? 1 : 0 }
    }
    return true
  }

  private func beginDowntime(_ fault: inout Fault) -> Bool {
    let host = hosts[fault.host]
    guard let process = host.process, host.stalledUntil <= now else { return false }
    fault.start = Start(keepsSocket: chance.chance(0.6), keepsFiles: chance.chance(0.8))
    fault.other = process.generation
    if fault.kind == .stop {
      stop(host, keepsSocket: fault.start.keepsSocket)
    } else {
      // The checkpoint that is left is up to ten seconds old.
      saveCheckpoint(process, of: host, isComplete: false)
      let later = chance.between(0, 10_000_000_000)
      fault.ends = max(fault.ends, now + later + 1)
      host.keepsSocket = fault.start.keepsSocket
      timeline.add(.crash, at: now + later, host: fault.host, a: process.generation)
    }
    return true
  }

  private func beginHostFault(_ fault: inout Fault) -> Bool {
    let host = hosts[fault.host]
    switch fault.kind {
    case .fullDisk:
      host.folders.isFull = true
      host.filesDoubtfulUntil = max(host.filesDoubtfulUntil, fault.ends + .seconds(150))
    case .filesRemoved:
      host.folders.removeAll()
      host.filesDoubtfulUntil = max(host.filesDoubtfulUntil, now + .seconds(150))
    case .stalledJournal: host.process?.journal.isStalled = true
    case .kernelDrops: host.socket?.dropShare = chance.pick([0.01, 0.05, 0.2, 0.7])
    case .clockStep:
      // Half of them between steps of half a second and a few minutes, the others up to a day.
      let most: Int64 = chance.pick([500_000_000, 5_000_000_000, 300_000_000_000, 86_400_000_000_000])
      host.clock.step += chance.between(-most, most)
      oracle.steppedClock(of: host)
    case .interval:
      guard let process = host.process, host.stalledUntil <= now else { return false }
      changeInterval(process, of: host, to: chance.pick([500, 1000, 2000]) * 1_000_000)
    default:
      guard let process = host.process, host.stalledUntil <= now else { return false }
      fault.ends = min(fault.ends, now + .seconds(40))
      host.stalledUntil = fault.ends
      process.isWaking = true
      timeline.add(.wake, at: fault.ends, host: host.number, a: process.generation)
    }
    return true
  }

  private func changeInterval(_ process: DaemonProcess, of host: Host, to interval: Int64) {
    let time = host.clock.monotonic(now)
    process.configuration.interval = interval
    process.reception.configure(process.configuration, process.memberships, now: time)
    host.interval = interval
    for port in host.ports { oracle.sends(every: interval, from: port) }
  }

  private func beginPortFault(_ fault: Fault) -> Bool {
    let port = fault.port
    guard ports[port].isLinked, !ports[port].isLoopCut else { return false }
    switch fault.kind {
    case .interfaceDown: ports[port].isUp = false
    case .carrierLost: ports[port].hasCarrier = false
    case .loopCut: ports[port].isLoopCut = true
    default:
      ports[port].exists = false
      ports[port].isJoined = false
    }
    changed(port)
    return true
  }

  // MARK: Ending

  func endFault(_ number: Int) {
    let fault = faults[number]
    end(fault)
    trace.add(.faultEnded, at: now, host: fault.host, Int64(number), 0, fault.kind.rawValue)
  }

  private func end(_ fault: Fault) {
    switch fault.kind {
    case .loss, .bursts, .duplicates, .reordering:
      ports[fault.port].link = Link()
      if fault.kind == .reordering { oracle.impeded(hosts[fault.host]) }
    case .deafPort: paths.cutTo[fault.port] -= 1
    case .mutePort: paths.cutFrom[fault.port] -= 1
    case .oneWay:
      if let place = paths.pairs.firstIndex(where: { $0 == (fault.port, fault.other) }) {
        paths.pairs.remove(at: place)
      }
    case .outage: for port in networks[fault.port] { paths.cutTo[port] -= 1 }
    case .partition: for port in networks[fault.port] { paths.sides[port] = 0 }
    case .kill, .stop: start(hosts[fault.host], fault.start)
    case .fullDisk: hosts[fault.host].folders.isFull = false
    case .stalledJournal:
      hosts[fault.host].process?.journal.isStalled = false
      hosts[fault.host].process?.journal.write()
    case .kernelDrops: hosts[fault.host].socket?.dropShare = 0
    case .interfaceDown, .carrierLost, .interfaceReplaced, .loopCut: endPortFault(fault)
    case .stall, .clockStep, .interval, .filesRemoved, .noise, .flood, .replay, .spoof: break
    }
  }

  private func endPortFault(_ fault: Fault) {
    let port = fault.port
    switch fault.kind {
    case .interfaceDown: ports[port].isUp = true
    case .carrierLost: ports[port].hasCarrier = true
    case .loopCut: ports[port].isLoopCut = false
    default:
      ports[port].exists = true
      ports[port].index += 10
    }
    changed(port)
  }
}
