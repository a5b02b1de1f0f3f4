// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Liveness
import Monitor
import Multicast
import Platform

/// How a process begins.
struct Start {
  static let boot = 0

  /// Whether the service manager kept the socket, and whether the runtime directory is there.
  let keepsSocket: Bool
  let keepsFiles: Bool

  init(keepsSocket: Bool, keepsFiles: Bool) {
    (self.keepsSocket, self.keepsFiles) = (keepsSocket, keepsFiles)
  }

  init(_ number: Int32) { self.init(keepsSocket: number & 1 != 0, keepsFiles: number & 2 != 0) }

  var number: Int { (keepsSocket ? 1 : 0) + (keepsFiles ? 2 : 0) }
}

// A process begins and ends, and follows the interfaces: what `Daemon` does.
extension World {
  func start(_ host: Host, _ start: Start) {
    guard host.process == nil else { return }
    host.generation += 1
    if !start.keepsFiles {
      host.checkpoint = nil
      host.countedDrops = 0
      host.folders.removeAll()
    }
    let isGapless = start.keepsSocket && host.socket != nil
    if !isGapless {
      closeSocket(of: host)
      host.socket = SimulatedSocket(limit: host.plan.socketLimit)
      host.countedDrops = 0
    }
    let kept = host.checkpoint.flatMap {
      PeerCheckpoint.decode($0, group: scenario.group, namespace: NetworkNamespace.cookie)
    }
    let number = host.number
    oracle.started(host, isRestored: kept != nil, isGapless: isGapless)
    let process = DaemonProcess(
      of: host, in: self, kept: kept, isGapless: isGapless,
      report: { [unowned self] record in
        trace.add(.reported, at: now, host: number, Int64(record.priority.rawValue), 0, record.message)
      },
      observe: { [unowned self] event in oracle.told(event, by: hosts[number]) })
    host.process = process
    trace.add(
      .started, at: now, host: number, Int64(host.generation), Int64(start.number),
      "socket kept: \(isGapless), checkpoint: \(kept != nil)")
    reconcile(process, of: host)
    process.schedule = BeatSchedule(
      start: host.clock.monotonic(now), interval: host.interval)
    beat(process, of: host)
    tick(process, of: host)
    saveCheckpoint(process, of: host, isComplete: false)
    housekeep(process, of: host)
    if host.socket?.count ?? 0 > 0 { wake(process, of: host) }
  }

  func saveCheckpoint(_ process: DaemonProcess, of host: Host, isComplete: Bool) {
    let checkpoint = process.reception.pipeline.checkpoint(
      isComplete: isComplete, now: host.clock.monotonic(now))
    var bytes: [UInt8] = []
    _ = checkpoint.encode {
      bytes += $0
      return 0
    }
    host.checkpoint = bytes
    oracle.saved(host)
    trace.add(.checkpoint, at: now, host: host.number)
  }

  /// The process is gone at once, with what it had in memory.
  func crash(_ host: Host, generation: Int) {
    guard let process = host.process, process.generation == generation else { return }
    end(process, of: host, keepsSocket: host.keepsSocket, "killed")
  }

  /// The process ends as on SIGTERM.
  func stop(_ host: Host, keepsSocket: Bool) {
    guard let process = host.process else { return }
    process.places.set([])
    process.isSending = process.isSending.map { _ in false }
    tick(process, of: host)
    saveCheckpoint(process, of: host, isComplete: true)
    process.journal.write()
    process.journal.giveUp()
    let time = host.clock.monotonic(now)
    process.reception.reportDatagrams(isFinal: true, now: time)
    process.reception.reportEvents(isFinal: true, now: time)
    let ledger = process.ledger.snapshot
    process.events.report(
      .service(
        .stopping(
          signal: "SIGTERM", ledger: "\(ledger)", counts: ledger.counts, untaken: 0, within: .seconds(5))))
    oracle.checkLedger(host, process)
    end(process, of: host, keepsSocket: keepsSocket, "stopped")
  }

  private func end(_ process: DaemonProcess, of host: Host, keepsSocket: Bool, _ how: String) {
    host.process = nil
    host.stalledUntil = .min
    if !keepsSocket { closeSocket(of: host) }
    oracle.ended(host)
    trace.add(.ended, at: now, host: host.number, Int64(process.generation), 0, how)
  }

  // MARK: Interfaces

  func reconcile(_ process: DaemonProcess, of host: Host) {
    let time = host.clock.monotonic(now)
    for port in host.ports { ports[port].isUnnoticed = false }
    let usable = host.ports.filter { ports[$0].exists && ports[$0].isUp }
    for (place, port) in host.ports.enumerated() {
      process.isSending[place] = usable.contains(port)
      // What is told of an interface ends with it.
      if !process.isSending[place] { oracle.lost(port) }
    }
    process.places.set(
      host.ports.enumerated().filter { process.isSending[$0.offset] }.map { place, port in
        SendingPlace(
          interface: ports[port].name,
          source: Endpoint(ports[port].address, port: process.sourcePorts[place]))
      })
    let changes = process.memberships.follow(usable.map { ports[$0].interface })
    process.reception.follow(process.memberships, awaited: nil, expectsOwn: true, now: time)
    meetDemands(process, of: host)
    for change in changes { process.events.report(.interface(Self.event(of: change), group: scenario.group)) }
    if let retry = process.memberships.retryTime(now: time) {
      timeline.add(
        .reconcile, at: max(now, host.clock.time(ofMonotonic: retry)), host: host.number,
        a: process.generation)
    }
    trace.add(
      .reconciled, at: now, host: host.number, Int64(process.memberships.interfaces.count),
      Int64(process.isSending.count { $0 }))
  }

  private static func event(of change: InterfaceChange) -> InterfaceEvent {
    let name = change.interface.name
    return switch change {
    case .began(let interface): .began(name, address: interface.addresses.first, isSending: false)
    case .renamed(let former, _): .renamed(name, from: former, isSending: false)
    case .ended: .ended(name, reason: "it is down", waitingFor: [name], isSending: false)
    case .refused(_, let error): .refused(name, reason: "\(error)", errno: error.errno)
    case .carrierLost: .carrierLost(name)
    case .carrierBack: .carrierBack(name)
    }
  }

  /// The kernel tells of a change of interfaces.
  func changed(_ port: Int) {
    let host = hosts[ports[port].host]
    ports[port].isUnnoticed = true
    oracle.changed(port: port)
    guard let process = host.process else { return }
    timeline.add(
      .reconcile, at: now + random.between(1_000_000, 50_000_000), host: host.number, a: process.generation)
  }
}
