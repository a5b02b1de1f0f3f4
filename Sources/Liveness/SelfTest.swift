// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Who sent a heartbeat.
package enum HeartbeatOrigin: Equatable {
  case peer
  /// We, on the interface that it came in by: the kernel looped it back.
  case loopback
  /// We, on another interface of ours in the same network.
  case otherInterface
}

/// Whether our own heartbeats come back, for each interface where they should. A pure value.
package struct SelfTest {
  private struct Own {
    var watch = OwnHeartbeatWatch()
    var port: UInt16 = 0
    var beats: UInt64 = 0
  }

  /// What there is to say, and on which interface.
  package struct Event: Equatable {
    package var interface: Int32
    package var event: OwnHeartbeatWatch.Event
  }

  /// What is known of our own heartbeats on one interface.
  package struct Report: Equatable {
    package var interface: Int32
    package var port: UInt16
    package var beats: UInt64
    /// Monotonic nanoseconds.
    package var lastHeard: Int64
  }

  private var interfaces: [Int32: Own] = [:]

  package init() {}

  /// They should come back on these interfaces and no others.
  package mutating func expect(on wanted: Set<Int32>) {
    for interface in interfaces.keys where !wanted.contains(interface) { interfaces[interface] = nil }
    for interface in wanted where interfaces[interface] == nil { interfaces[interface] = Own() }
  }

  /// Sent at these times (monotonic ns). What was sent before the last that came back is not waited for any
  /// more.
  package mutating func sent(_ times: [Int64], on interface: Int32) {
    let heard = interfaces[interface]?.watch.lastHeard ?? .min
    for time in times where time > heard { interfaces[interface]?.watch.sent(at: time) }
  }

  package mutating func heard(on interface: Int32, port: UInt16, at arrival: Int64) -> Event? {
    guard interfaces[interface] != nil else { return nil }
    interfaces[interface]?.port = port
    interfaces[interface]?.beats += 1
    return interfaces[interface]?.watch.heard(at: arrival).map { Event(interface: interface, event: $0) }
  }

  /// - Returns: one at a time; called once a second.
  package mutating func judge(at now: Int64) -> Event? {
    for interface in interfaces.keys {
      if let event = interfaces[interface]?.watch.judge(at: now) {
        return Event(interface: interface, event: event)
      }
    }
    return nil
  }

  /// Whether ours do not come back on an interface where they should.
  package func areMissing(on interface: Int32) -> Bool { missingSince(on: interface) != nil }

  /// Since when they do not, in monotonic nanoseconds; nil while they do.
  func missingSince(on interface: Int32) -> Int64? {
    interfaces[interface].flatMap { $0.watch.isNotHeard ? $0.watch.unheardSince : nil }
  }

  /// Whether several in a row did not come back: what is not heard now may be our fault.
  package func isDoubtful(on interface: Int32) -> Bool { interfaces[interface]?.watch.isDoubtful ?? false }

  /// The interfaces on which ours do not come back, and since when.
  package var missing: [(interface: Int32, since: Int64)] {
    interfaces.keys.compactMap { interface in missingSince(on: interface).map { (interface, $0) } }
  }

  /// When ours were last heard on an interface, or began to be unheard.
  package func unheardSince(on interface: Int32) -> Int64? { interfaces[interface]?.watch.unheardSince }

  package mutating func noteKernelDrops() {
    for interface in interfaces.keys { interfaces[interface]?.watch.noteKernelDrops() }
  }

  package var reports: [Report] {
    interfaces.compactMap { interface, own in
      own.watch.lastHeard.map {
        Report(interface: interface, port: own.port, beats: own.beats, lastHeard: $0)
      }
    }
  }
}
