// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Heartbeat
import Liveness
import Monitor
import Multicast
import Platform

// What the shell of a daemon does: `Subscriber` and `Publisher` with their timers, in simulated time.
extension World {
  /// Period of the tick, of that without datagrams, as `Subscriber` has them.
  private static let tickInterval: Int64 = 900_000_000
  private static let housekeepingInterval: Int64 = 1_500_000_000
  /// Batches read in a row before a judgement, as `ReceiveLoop` has them.
  private static let batchesInARow = 16

  // MARK: Reading

  func wake(_ process: DaemonProcess, of host: Host) {
    process.isWaking = false
    while !drain(process, of: host) {}
    if process.reception.hasNews() { judgeBetweenTicks(process, of: host) }
    tickIfDue(process, of: host)
  }

  /// - Returns: Whether the socket was emptied.
  @discardableResult
  private func drain(_ process: DaemonProcess, of host: Host) -> Bool {
    for _ in 0..<Self.batchesInARow where readBatch(process, of: host) < MulticastReceiver.batchSize {
      return true
    }
    return false
  }

  private func readBatch(_ process: DaemonProcess, of host: Host) -> Int {
    guard let socket = host.socket else { return 0 }
    let count = min(MulticastReceiver.batchSize, socket.count)
    let time = host.clock.monotonic(now)
    give(socket, count, to: &process.reception.pipeline, of: host, process.members, now: time)
    process.read += UInt64(count)
    for place in 0..<count { pool.release(Int(socket.entry(place).datagram)) }
    let wasFull = socket.isFull
    socket.remove(count)
    if wasFull { oracle.changed(host) }
    // One that is read as it comes has its line already.
    if count > 1 { trace.add(.read, at: now, host: host.number, Int64(count), Int64(socket.count)) }
    return count
  }

  /// A batch, as `ReceivePipeline.read` takes it from a receiver.
  private func give(
    _ socket: SimulatedSocket, _ count: Int, to pipeline: inout ReceivePipeline, of host: Host,
    _ members: [UInt32], now time: Int64
  ) {
    let group = scenario.group.address
    pipeline.begin(realtime: host.clock.realtime(now), now: time)
    var stamp: Int64 = 0
    for place in 0..<count {
      let entry = socket.entry(place)
      let datagram = Int(entry.datagram)
      stamp = entry.stamp
      let received = ReceivedDatagram(
        payload: pool.payload(datagram), size: pool.entries[datagram].size,
        source: pool.entries[datagram].source, destination: pool.entries[datagram].destination,
        interfaceIndex: entry.index, receivedNanoseconds: stamp)
      pipeline.take(received, of: group, now: time)
      // What came by an interface that is gone is foreign.
      if members.contains(entry.index) {
        oracle.read(entry, pool.entries[datagram], now: now)
      } else {
        oracle.discarded(entry)
      }
    }
    pipeline.noteRead(count, stamp: stamp, now: time)
    pipeline.log.end()
  }

  // MARK: Judging

  func housekeep(_ process: DaemonProcess, of host: Host) {
    tickIfDue(process, of: host)
    timeline.add(
      .housekeeping, at: now + Self.housekeepingInterval, host: host.number, a: process.generation)
  }

  private func tickIfDue(_ process: DaemonProcess, of host: Host) {
    if host.clock.monotonic(now) - process.lastTick >= Self.tickInterval { tick(process, of: host) }
  }

  func tick(_ process: DaemonProcess, of host: Host) {
    let time = host.clock.monotonic(now)
    process.lastTick = time
    drain(process, of: host)
    countDrops(process, of: host)
    process.reception.reportDatagrams(isFinal: false, now: time)
    if let drops = process.drops.take(now: time, isFinal: false) {
      process.events.report(.receiving(.dropped(drops, buffer: host.plan.socketLimit), group: scenario.group))
    }
    process.reception.reportEvents(isFinal: false, now: time)
    judge(process, .tick(zoneOffset: 0), of: host)
    process.reception.repair()
    oracle.judged(host, process)
  }

  func judgeAtDeadline(_ process: DaemonProcess, of host: Host) {
    guard let deadline = process.deadline, deadline <= host.clock.monotonic(now) else { return }
    process.deadline = nil
    drain(process, of: host)
    judgeBetweenTicks(process, of: host)
  }

  private func judgeBetweenTicks(_ process: DaemonProcess, of host: Host) {
    countDrops(process, of: host)
    judge(process, .deadline, of: host)
  }

  private func judge(_ process: DaemonProcess, _ input: Monitor.Input, of host: Host) {
    let time = host.clock.monotonic(now)
    process.reception.judge(input, sent: process.sent.take(), process.memberships, now: time)
    meetDemands(process, of: host)
  }

  func meetDemands(_ process: DaemonProcess, of host: Host) {
    let demands = process.reception.takeDemands()
    if let wake = demands.wake, wake < process.deadline ?? .max {
      process.deadline = wake
      timeline.add(
        .deadline, at: max(now, host.clock.time(ofMonotonic: wake)), host: host.number, a: process.generation)
    }
    if demands.showsMemberships { process.members = process.memberships.interfaces.map(\.index) }
    if demands.membershipLost {
      timeline.add(.reconcile, at: now + 1_000_000, host: host.number, a: process.generation)
    }
  }

  private func countDrops(_ process: DaemonProcess, of host: Host) {
    guard let socket = host.socket else { return }
    let time = host.clock.monotonic(now)
    let new = socket.drops &- host.countedDrops
    host.countedDrops = socket.drops
    process.drops.add(UInt64(new), since: process.lastDrops, now: time)
    process.lastDrops = time
    process.dropped += UInt64(new)
    process.reception.pipeline.countDrops(Int(new), now: time)
    if new > 0 { process.ledger.update { $0.drop(UInt64(new)) } }
  }

  // MARK: Sending

  func beat(_ process: DaemonProcess, of host: Host) {
    send(process, of: host)
    let time = host.clock.monotonic(now)
    if host.interval == process.schedule.interval {
      process.schedule.advance(now: time)
    } else {
      process.schedule = BeatSchedule(start: time + host.interval, interval: host.interval)
    }
    scheduleBeat(process, of: host)
  }

  func scheduleBeat(_ process: DaemonProcess, of host: Host) {
    let due = host.clock.time(ofMonotonic: process.schedule.due)
    timeline.add(
      .beat, at: max(now, due) + random.between(0, 60_000), host: host.number, a: process.generation)
  }

  private func send(_ process: DaemonProcess, of host: Host) {
    guard process.isSending.contains(true) else { return }
    let time = CivilTime(realtime: host.clock.realtime(now), zone: .utc)
    process.sent.willSend(time.microsecondsSinceEpochAsUTC)
    let monotonic = host.clock.monotonic(now)
    for (place, port) in host.ports.enumerated() where process.isSending[place] {
      let errno = sendErrno(port)
      process.ledger.update { $0.send(succeeded: errno == nil) }
      if let change = process.health[place].note(errno, at: monotonic) {
        process.events.report(.sending(change, group: scenario.group, interface: ports[port].name))
      }
      guard errno == nil else {
        trace.add(.sendFailed, at: now, host: host.number, Int64(port))
        continue
      }
      process.beatsSent += 1
      process.sent.note(monotonic, on: ports[port].index)
      oracle.sent(port, every: host.interval)
      trace.add(.sent, at: now, host: host.number, Int64(port), process.schedule.next)
      let datagram = pool.add(
        DatagramPool.Entry(
          source: Endpoint(ports[port].address, port: process.sourcePorts[place]),
          destination: scenario.group.address, size: Heartbeat.encodedSize, sender: Int32(port),
          isGenuine: true, isHeartbeat: true, references: 0)
      ) { Heartbeat.encode(time, into: $0) }
      send(datagram, from: port)
    }
  }

  /// - Returns: Why a datagram does not leave on a port; nil where it does, also without a carrier.
  private func sendErrno(_ port: Int) -> Int32? {
    guard ports[port].exists else { return ENODEV }
    return ports[port].isUp ? nil : ENETUNREACH
  }
}
