// SPDX-License-Identifier: Apache-2.0

import Daemon
import Heartbeat
import Liveness
import Monitor
import Multicast
import Platform

// What `Subscriber` and `ReceivePipeline` do: what waits is read, and judged.
extension ReadingsWorld {
  /// As `Reception`.
  private static let shortestRest: Int64 = 1_000_000

  func monitor(of host: ReadingsHost) -> Monitor {
    let (realtime, time) = (host.clock.realtime(now), host.clock.monotonic(now))
    var monitor = Monitor(
      Monitor.Configuration(
        group: ReadingsKeys.group, capacity: scenario.capacity, expected: [], sources: [],
        interval: host.interval),
      accepted: host.fleet.checkpoint.map {
        AcceptedHeartbeats($0.accepted, capacity: scenario.capacity, isExact: false, now: time)
      },
      rules: host.fleet.checkpoint?.rules ?? [:], realtime: realtime, at: time, isGapless: host.waiting > 0,
      hash: ReadingsKeys.hash)
    for port in host.ports { _ = monitor.number(of: "eth\(ports[port].number)") }
    if scenario.mode != .off {
      let policy = Monitor.AuthenticationPolicy(mode: scenario.mode, keys: ReadingsKeys.ring)
      _ = monitor.handle(.authenticated(policy), at: time)
    }
    return monitor
  }

  func join(_ process: ReadingsProcess, of host: ReadingsHost) {
    let up = host.ports.filter { ports[$0].isUp }.map { Int32(ports[$0].number) }
    let memberships = Monitor.Memberships(interfaces: Set(up), withoutCarrier: [], awaited: nil)
    _ = process.monitor.handle(.joined(memberships), at: host.clock.monotonic(now))
  }

  // MARK: Reading

  func wake(_ process: ReadingsProcess, of host: ReadingsHost) {
    process.isWaking = false
    guard host.plan.listens else { return }
    guard host.plan.cost > 0 else {
      readAll(process, of: host)
      return told(process, of: host)
    }
    guard host.waiting > 0 else { return told(process, of: host) }
    let count = readBatch(process, of: host)
    // Reading takes its time.
    process.isWaking = true
    agenda.add(.wake, at: now + Int64(count) * host.plan.cost, host: host.number, a: process.generation)
  }

  /// The socket is empty: what is new is told at once, where it is not too early.
  private func told(_ process: ReadingsProcess, of host: ReadingsHost) {
    guard process.monitor.hasNews() else { return }
    if host.clock.monotonic(now) >= process.earliestJudgement {
      judge(process, .deadline, of: host)
    } else {
      scheduleJudgement(process, of: host, at: process.earliestJudgement)
    }
  }

  private func readAll(_ process: ReadingsProcess, of host: ReadingsHost) {
    repeat { _ = readBatch(process, of: host) } while host.waiting > 0
  }

  private func readBatch(_ process: ReadingsProcess, of host: ReadingsHost) -> Int {
    let time = host.clock.monotonic(now)
    _ = process.monitor.handle(.reading(realtime: host.clock.realtime(now)), at: time)
    let batch = host.take(MulticastReceiver.batchSize)
    var changed: [Int] = []
    for entry in batch {
      let sender = read(entry, process, of: host, at: time)
      if let sender, !changed.contains(sender) { changed.append(sender) }
    }
    let isLast = batch.count < MulticastReceiver.batchSize
    _ = process.monitor.handle(
      .read(.init(count: batch.count, isLast: isLast, stamp: batch.last?.stamp ?? 0)), at: time)
    if isLast { process.ignoresWaiting = false }
    for sender in changed { check(sender, as: process, of: host) }
    return batch.count
  }

  /// - Returns: The host of which something new is to be known.
  private func read(
    _ entry: ReadingsHost.Waiting, _ process: ReadingsProcess, of host: ReadingsHost, at time: Int64
  ) -> Int? {
    let datagram = sent[Int(entry.datagram)]
    let proof = datagram.payload.withUnsafeBytes { payload in
      var heard = Monitor.Datagram(
        outline: Heartbeat.read(payload), source: datagram.source, interface: entry.interface,
        received: entry.stamp, origin: .peer)
      process.monitor.authenticate(payload, as: &heard, at: time)
      _ = process.monitor.handle(.datagram(heard), at: time)
      process.monitor.noteReadings(payload, of: heard)
      return heard.proof
    }
    // By the stamp, which is of the clock as it is now, or was before a step.
    let arrival = min(time, entry.stamp - (host.clock.realtime(now) - time))
    return noteRead(datagram, proof, process, of: host, at: arrival)
  }

  // MARK: Judging

  func scheduleJudgement(_ process: ReadingsProcess, of host: ReadingsHost, at time: Int64) {
    guard host.plan.listens, time < process.deadline ?? .max else { return }
    process.deadline = time
    agenda.add(
      .deadline, at: max(now, host.clock.time(ofMonotonic: max(0, time))), host: host.number,
      a: process.generation)
  }

  func judgeAtDeadline(_ process: ReadingsProcess, of host: ReadingsHost) {
    let time = host.clock.monotonic(now)
    guard let deadline = process.deadline, deadline <= time else { return }
    process.deadline = nil
    guard time >= process.earliestJudgement else {
      return scheduleJudgement(process, of: host, at: process.earliestJudgement)
    }
    guard !isReading(process, of: host) else { return }
    readAll(process, of: host)
    judge(process, .deadline, of: host)
  }

  /// Whether it judges as soon as it has read what waits.
  private func isReading(_ process: ReadingsProcess, of host: ReadingsHost) -> Bool {
    host.plan.cost > 0 && process.isWaking
  }

  func tick(_ process: ReadingsProcess, of host: ReadingsHost) {
    agenda.add(
      .tick, at: now + random.between(900_000_000, 1_500_000_000), host: host.number, a: process.generation)
    guard host.plan.listens, !isReading(process, of: host) else { return }
    readAll(process, of: host)
    judge(process, .tick(zoneOffset: 0), of: host)
    guard scenario.fleet == nil else { return tickFleet(process, of: host) }
    for name in senders.keys { checkEvents(of: name, as: process, of: host) }
    for other in hosts.indices where other != host.number { check(other, as: process, of: host) }
    checkOwn(process, of: host)
    checkBounds(process, of: host)
  }

  private func judge(_ process: ReadingsProcess, _ input: Monitor.Input, of host: ReadingsHost) {
    let time = host.clock.monotonic(now)
    process.earliestJudgement = time + Self.shortestRest
    let drops = host.drops - process.countedDrops
    process.countedDrops = host.drops
    if drops > 0 { _ = process.monitor.handle(.drops(drops), at: time) }
    var names: Set<HostName> = []
    let directives = process.monitor.handle(input, at: time)
    takeRules(directives, process, of: host, at: time)
    for directive in directives {
      switch directive {
      case .tell(.readings(let event, _)):
        guard let changes = event.changes else { break }
        names.insert(changes.host)
        trace(host.number, "told \(Self.text(event))")
        if let fault = process.told.take(changes) { fail(.events, host.number, fault) }
      case .wake(let deadline):
        if let deadline { scheduleJudgement(process, of: host, at: max(deadline, time + Self.shortestRest)) }
      case .tell, .examine: break
      }
    }
    if names.count > Self.hostsAtOnce { fail(.bounded, host.number, "told of \(names.count) hosts at once") }
    // In no order that differs from one process to the next.
    mix(names.reduce(0) { $0 &+ UInt64(1 + (senders[$1]?.first ?? -1)) })
    if scenario.fleet != nil { return }
    for name in names { checkEvents(of: name, as: process, of: host) }
  }

  /// As `Monitor.hostsAtOnce`.
  private static let hostsAtOnce = 500

  private static func text(_ event: ReadingsEvent) -> String {
    let kind =
      switch event {
      case .changed: "changed"
      case .unknown: "unknown"
      case .known: "known"
      case .suppressed: "suppressed"
      }
    let changes = event.changes.map { changes in
      "\(changes.host) "
        + changes.changes.map { "\($0.id.word)=\($0.now.value) \($0.now.quality)" }
        .joined(separator: ", ")
    }
    return "\(kind) \(changes ?? "")"
  }
}
