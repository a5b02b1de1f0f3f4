// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Which ports reach which.
struct Paths {
  /// In a partition, ports of different sides do not reach one another.
  var sides: [UInt8]
  /// Nothing of a port reaches any other, or nothing reaches it; one-way cuts, counted.
  var cutFrom: [UInt8]
  var cutTo: [UInt8]
  /// Single cuts, from one to the other.
  var pairs: [(from: Int, to: Int)] = []

  init(ports: Int) {
    sides = Array(repeating: 0, count: ports)
    cutFrom = sides
    cutTo = sides
  }

  @inline(__always)
  func reaches(_ from: Int, _ to: Int) -> Bool {
    guard sides[from] == sides[to], cutFrom[from] == 0, cutTo[to] == 0 else { return false }
    return pairs.isEmpty || !pairs.contains { $0 == (from, to) }
  }
}

// The network, and the part of each host's kernel that receives.
extension World {
  /// A datagram leaves on a port for all others of its network; the kernel loops it back.
  func send(_ datagram: Int, from port: Int, isLooped: Bool = true) {
    pool.retain(datagram)
    defer { pool.release(datagram) }
    if isLooped, ports[port].isJoined, !ports[port].isLoopCut { receive(datagram, at: port, isCopy: false) }
    guard ports[port].isLinked else { return }
    spread(datagram, from: port, over: ports[port].network)
  }

  /// A datagram goes to all ports of a network but this one.
  ///
  /// - Parameters:
  ///   - from: The port whose paths it takes; -1 for a forger's, which reaches all.
  ///   - victim: A port whose address it carries, where the kernel drops it as a martian.
  func spread(_ datagram: Int, from: Int, over network: Int, except victim: Int = -1) {
    pool.retain(datagram)
    defer { pool.release(datagram) }
    let traits = scenario.networks[network]
    for port in networks[network] where port != from {
      // An address of the host itself is a martian there.
      if victim >= 0, ports[port].host == ports[victim].host { continue }
      if from >= 0, !paths.reaches(from, port) || ports[port].snoopedUntil < now {
        trace.add(.lost, at: now, host: ports[port].host, Int64(from), Int64(port))
        continue
      }
      var delay = traits.delay + Int64(random.below(Int(traits.jitter)))
      if !ports[port].link.isSound {
        if ports[port].link.loses(&random) {
          trace.add(.lost, at: now, host: ports[port].host, Int64(from), Int64(port))
          continue
        }
        if ports[port].link.jitter > 0 { delay += Int64(random.below(Int(ports[port].link.jitter))) }
        if ports[port].link.duplicates > 0, random.chance(ports[port].link.duplicates) {
          let later = delay + random.between(0, 30_000_000)
          deliver(datagram, to: port, at: now + later, isCopy: true)
        }
      }
      deliver(datagram, to: port, at: now + delay, isCopy: false)
    }
  }

  @inline(__always)
  private func deliver(_ datagram: Int, to port: Int, at time: Int64, isCopy: Bool) {
    pool.retain(datagram)
    timeline.add(.arrival, at: time, host: ports[port].host, a: datagram, b: isCopy ? -1 - port : port)
  }

  func arrive(_ datagram: Int, at port: Int, isCopy: Bool) {
    countDelivery()
    if ports[port].isLinked, ports[port].isJoined {
      receive(datagram, at: port, isCopy: isCopy)
    } else {
      trace.add(.deaf, at: now, host: ports[port].host, Int64(pool.entries[datagram].sender))
    }
    pool.release(datagram)
  }

  /// A datagram comes to a member: it finds room in the socket, or is dropped.
  private func receive(_ datagram: Int, at port: Int, isCopy: Bool) {
    let host = hosts[ports[port].host]
    guard let socket = host.socket else { return }
    let sender = Int(pool.entries[datagram].sender)
    guard !socket.isFull, socket.dropShare == 0 || !random.chance(socket.dropShare) else {
      socket.drop()
      trace.add(.dropped, at: now, host: host.number, Int64(sender), Int64(socket.drops))
      oracle.dropped(host)
      return
    }
    pool.retain(datagram)
    socket.add(
      SimulatedSocket.Entry(
        datagram: Int32(datagram), port: Int32(port), index: ports[port].index,
        stamp: host.clock.realtime(now), arrived: now,
        audible: oracle.audible(port, at: now), isCopy: isCopy))
    if sender >= 0 { oracle.queued(port, sender, isHeartbeat: pool.entries[datagram].isHeartbeat) }
    trace.add(.arrived, at: now, host: host.number, Int64(sender), Int64(socket.count))
    notify(host)
  }

  /// Wakes the process: now, or when it is scheduled.
  private func notify(_ host: Host) {
    guard let process = host.process, host.stalledUntil <= now, !process.isWaking else { return }
    guard host.plan.latency > 0 else { return wake(process, of: host) }
    process.isWaking = true
    let later = Int64(random.below(Int(host.plan.latency)))
    timeline.add(.wake, at: now + later, host: host.number, a: process.generation)
  }

  // MARK: Memberships

  private func port(_ index: UInt32, of host: Int) -> Int? {
    hosts[host].ports.first { ports[$0].exists && ports[$0].index == index }
  }

  func isMember(_ index: UInt32, host: Int) -> Bool {
    port(index, of: host).map { ports[$0].isJoined } ?? false
  }

  /// - Returns: errno; nil for success.
  func join(_ index: UInt32, host: Int) -> Int32? {
    guard let port = port(index, of: host) else { return ENODEV }
    ports[port].isJoined = true
    // The membership report reaches the switch.
    if scenario.networks[ports[port].network].isSnooping {
      ports[port].snoopedUntil = now + random.between(.seconds(250), .seconds(270))
    }
    oracle.changed(hosts[host])
    return nil
  }

  func leave(_ index: UInt32, host: Int) {
    guard let port = port(index, of: host) else { return }
    ports[port].isJoined = false
    oracle.changed(hosts[host])
  }

  /// The socket is closed: what waits in it is gone, and so are its memberships.
  func closeSocket(of host: Host) {
    while let socket = host.socket, socket.count > 0 {
      let entry = socket.entry(0)
      host.socket?.remove(1)
      oracle.discarded(entry)
      pool.release(Int(entry.datagram))
    }
    host.socket = nil
    for port in host.ports { ports[port].isJoined = false }
    oracle.changed(host)
  }
}
