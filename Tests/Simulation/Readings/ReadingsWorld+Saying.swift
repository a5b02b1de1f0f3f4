// SPDX-License-Identifier: Apache-2.0

import Daemon
import Facts
import Heartbeat
import Monitor
import Platform

// What `Publisher` and `ReadingsPublisher` do: processes begin and end, and send.
extension ReadingsWorld {
  func start(_ host: ReadingsHost) {
    guard host.process == nil, !host.isGone else { return }
    host.generation += 1
    let (realtime, time) = (host.clock.realtime(now), host.clock.monotonic(now))
    var writer = BeatWriter(BeatNumbers(after: host.storedRuns, realtime: realtime, monotonic: time))
    if scenario.mode != .off { writer.seal = ReadingsKeys.seal(of: host.plan.name) }
    let process = ReadingsProcess(
      generation: host.generation, said: SaidReadings(as: host.plan.name), writer: writer,
      places: host.ports.map { writer.numbers.place(of: "eth\(ports[$0].number)") },
      schedule: BeatSchedule(start: time, interval: host.interval), monitor: monitor(of: host),
      budget: SendingBudget(at: time, isNoise: host.plan.habits.pace == .sensor), hosts: hosts.count,
      ignoresWaiting: host.waiting > 0)
    process.writer = writer
    process.countedDrops = host.drops
    for port in host.ports { _ = process.writer.numbers.place(of: "eth\(ports[port].number)") }
    host.process = process
    trace(host.number, "starts process \(host.generation), run \(String(writer.numbers.run, radix: 16))")
    process.book = fleetBook(of: host)
    join(process, of: host)
    tellMonitor(process, of: host)
    startRules(process, of: host)
    process.said.own.setFiles(host.files)
    follow(process, of: host)
    beat(process, of: host)
    if host.waiting > 0 { notify(host) }
    agenda.add(
      .tick, at: now + random.between(900_000_000, 1_500_000_000), host: host.number, a: host.generation)
  }

  /// It ends without a word.
  ///
  /// - Parameter isClean: Whether it said goodbye before.
  func end(_ host: ReadingsHost, keepsSocket: Bool, isClean: Bool = false) {
    trace(host.number, "ends process \(host.generation)")
    if scenario.fleet != nil, let process = host.process { endRules(process, of: host, isClean: isClean) }
    host.process = nil
    host.stalledUntil = min(host.stalledUntil, now)
    host.keepsSocket = keepsSocket
    if !keepsSocket { host.closeSocket() }
  }

  // MARK: Changes

  /// Something may be said differently.
  func follow(_ process: ReadingsProcess, of host: ReadingsHost) {
    let time = host.clock.monotonic(now)
    scheduleExpiry(process, of: host)
    // Only a few are simulated to listen; they would know of all.
    let peers = host.plan.listens ? process.monitor.liveness.counts.total : hosts.count - 1
    guard process.said.follow(at: time, among: peers) else { return }
    tellMonitor(process, of: host)
    scheduleJudgement(process, of: host, at: process.earliestJudgement)
    scheduleCopy(process, of: host)
    noteChange(of: host)
  }

  private func tellMonitor(_ process: ReadingsProcess, of host: ReadingsHost) {
    let said = Monitor.Input.says(
      process.said.readings, as: process.said.name, runs: process.writer.numbers.runs)
    _ = process.monitor.handle(said, at: host.clock.monotonic(now))
    noteOwn(process, of: host)
  }

  func expire(_ process: ReadingsProcess, of host: ReadingsHost) {
    process.expiryAt = .max
    if process.said.own.expire(at: host.clock.monotonic(now)) {
      follow(process, of: host)
    } else {
      scheduleExpiry(process, of: host)
    }
  }

  private func scheduleExpiry(_ process: ReadingsProcess, of host: ReadingsHost) {
    guard let next = process.said.own.nextExpiry else { return }
    let due = max(now, host.clock.time(ofMonotonic: next)) + lateness
    guard due < process.expiryAt else { return }
    process.expiryAt = due
    agenda.add(.expiry, at: due, host: host.number, a: process.generation)
  }

  private func scheduleCopy(_ process: ReadingsProcess, of host: ReadingsHost) {
    guard let next = process.said.nextCopy else { return }
    let due = max(now, host.clock.time(ofMonotonic: next)) + lateness
    guard due < process.copyAt else { return }
    process.copyAt = due
    agenda.add(.copy, at: due, host: host.number, a: process.generation)
  }

  /// Of a timer, in nanoseconds.
  private var lateness: Int64 { random.between(0, 60_000) }

  // MARK: Sending

  func beat(_ process: ReadingsProcess, of host: ReadingsHost) {
    let time = host.clock.monotonic(now)
    if process.said.takeBeat(at: time) {
      compose(process, of: host)
      scheduleCopy(process, of: host)
    }
    send(process, of: host, isExtra: false)
    if process.schedule.interval == host.interval {
      process.schedule.advance(now: time)
    } else {
      process.schedule = BeatSchedule(start: time + host.interval, interval: host.interval)
    }
    let due = host.clock.time(ofMonotonic: process.schedule.due)
    agenda.add(.beat, at: max(now, due) + lateness, host: host.number, a: process.generation)
  }

  func sendCopy(_ process: ReadingsProcess, of host: ReadingsHost) {
    process.copyAt = .max
    switch process.said.takeCopy(at: host.clock.monotonic(now)) {
    case .first:
      compose(process, of: host)
      send(process, of: host, isExtra: true)
    case .repetition: send(process, of: host, isExtra: true)
    case nil: break
    }
    scheduleCopy(process, of: host)
  }

  private func compose(_ process: ReadingsProcess, of host: ReadingsHost) {
    let room = process.writer.roomForReadings(as: process.said.name, every: host.interval)
    if let words = process.said.compose(room: room) { process.writer.say(words) }
    let leftOut = Set(process.said.leftOut)
    process.composed = process.said.readings.filter { !leftOut.contains($0.id) }
  }

  func sayGoodbye(_ process: ReadingsProcess, of host: ReadingsHost) {
    send(process, of: host, isExtra: false, isGoodbye: true)
    agenda.add(.goodbye, at: now + 20_000_000, host: host.number, a: process.generation)
    // Nothing else is sent meanwhile.
    process.isLeaving = true
  }

  func sayGoodbyeAgain(_ process: ReadingsProcess, of host: ReadingsHost) {
    process.isLeaving = false
    send(process, of: host, isExtra: false, isGoodbye: true)
    end(host, keepsSocket: host.keepsSocket, isClean: true)
  }

  /// A heartbeat leaves on every interface.
  private func send(
    _ process: ReadingsProcess, of host: ReadingsHost, isExtra: Bool, isGoodbye: Bool = false
  ) {
    guard !process.isLeaving else { return }
    let (realtime, time) = (host.clock.realtime(now), host.clock.monotonic(now))
    let civil = process.wallClock.read(realtime: realtime)
    process.writer.numbers.followClock(realtime: realtime, monotonic: time)
    if host.storedRuns != process.writer.numbers.runs {
      host.storedRuns = process.writer.numbers.runs
      tellMonitor(process, of: host)
    }
    if let excess = process.budget.note(isExtra: isExtra, every: host.interval, at: time) {
      fail(.budget, host.number, excess)
    }
    for (place, port) in host.ports.enumerated() where ports[port].isUp {
      process.writer.write(
        civil, as: process.said.name, every: host.interval, process.wallClock, number: process.places[place],
        isGoodbye: isGoodbye)
      process.writer.numbers.noteSent(at: process.places[place])
      let payload = process.writer.bytes
      let (version, isNew) = books[host.number].note(payload, run: process.writer.numbers.run, at: now)
      if isNew { checkWire(process, of: host, version) }
      sent.append(
        Sent(
          kind: .genuine, payload: payload, source: ports[port].source, sender: host.number,
          version: version, order: host.sent, interval: host.interval, time: now, isGoodbye: isGoodbye))
      host.sent += 1
      trace(host.number, "sends \(String(decoding: payload.dropFirst(30), as: UTF8.self))")
      spread(sent.count - 1, from: port)
    }
  }
}
