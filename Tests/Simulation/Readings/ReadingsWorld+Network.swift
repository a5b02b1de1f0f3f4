// SPDX-License-Identifier: Apache-2.0

// The network, and the part of each host's kernel that receives.
extension ReadingsWorld {
  /// A datagram goes to all ports of a network on which somebody listens, but this one.
  func spread(_ datagram: Int, from port: Int) {
    let traits = scenario.networks[ports[port].network]
    for other in ears[ports[port].network] where ports[other].host != ports[port].host {
      guard paths.reaches(port, other) else { continue }
      var delay = traits.delay + random.between(0, traits.jitter)
      if !ports[other].link.isSound {
        if ports[other].link.loses(&random) { continue }
        delay += random.between(0, ports[other].link.jitter)
        if ports[other].link.duplicates > 0, random.chance(ports[other].link.duplicates) {
          let later = delay + random.between(0, ReadingsFault.secondCopy)
          agenda.add(.arrival, at: now + later, host: ports[other].host, a: datagram, b: other)
        }
      }
      agenda.add(.arrival, at: now + delay, host: ports[other].host, a: datagram, b: other)
    }
  }

  /// A datagram that no host sent goes to all who listen on a network.
  func spread(_ datagram: Int, over network: Int) {
    let traits = scenario.networks[network]
    for port in ears[network] {
      let delay = traits.delay + random.between(0, traits.jitter)
      agenda.add(.arrival, at: now + delay, host: ports[port].host, a: datagram, b: port)
    }
  }

  func arrive(_ datagram: Int, at port: Int) {
    let host = hosts[ports[port].host]
    guard ports[port].isUp, host.process != nil || host.keepsSocket else { return }
    deliveries += 1
    let isRoom = host.queue(
      ReadingsHost.Waiting(
        datagram: Int32(datagram), interface: Int32(ports[port].number), stamp: host.clock.realtime(now)))
    if isRoom { notify(host) }
  }

  /// Wakes the process: now, or when it is scheduled.
  func notify(_ host: ReadingsHost) {
    guard let process = host.process, host.stalledUntil <= now, !process.isWaking else { return }
    guard host.plan.latency > 0 else { return wake(process, of: host) }
    process.isWaking = true
    let later = Int64(random.below(Int(host.plan.latency)))
    agenda.add(.wake, at: now + later, host: host.number, a: process.generation)
  }
}
