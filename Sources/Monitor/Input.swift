// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform
import Rules

extension Monitor {
  /// What happened to the daemon. Interfaces go by their number in `InterfaceNames`, times are in
  /// nanoseconds.
  package enum Input: Sendable {
    /// Datagrams are about to be read, at this time of CLOCK_REALTIME.
    case reading(realtime: Int64)
    /// One of them, of the group and from an interface on which it is or was joined.
    case datagram(Datagram)
    /// All of them were given.
    case read(Batch)
    /// The kernel dropped so many datagrams since this was last said.
    case drops(Int)
    /// The group is joined on these interfaces, and left on all others.
    case joined(Memberships)
    /// Our own heartbeats should come back on these interfaces and no others.
    case expectsOwn(on: Set<Int32>)
    /// Our own heartbeats left on these interfaces, at these times of CLOCK_MONOTONIC.
    case sent([(interface: Int32, times: [Int64])])
    /// A configuration is in force.
    case configured(Configuration)
    /// Heartbeats are authenticated with these keys from now on, or not.
    case authenticated(AuthenticationPolicy)
    /// This host says these readings and no others from now on, in heartbeats of these runs; none without a
    /// name.
    case says([Reading], as: HostName?, runs: [UInt64])
    /// These rules are in force, and no others.
    ///
    /// - Parameter entered: As the process begins, the states that are entered already; nil later on.
    case rules([Rule], entered: Set<RuleName>?)
    /// About a second passed. All that waited in the socket was given.
    ///
    /// - Parameter zoneOffset: How far our wall clock is ahead of UTC in the zone of the payloads, in
    ///   microseconds.
    case tick(zoneOffset: Int64)
    /// A time came that `Directive.wake` named. All that waited in the socket was given.
    case deadline
  }

  /// A datagram of the group.
  package struct Datagram: Sendable {
    /// What it says; nil where it is no heartbeat.
    package var outline: Heartbeat.Outline?
    package var source: Endpoint
    package var interface: Int32
    /// The kernel's receive stamp, in nanoseconds of CLOCK_REALTIME.
    package var received: Int64
    package var origin: HeartbeatOrigin
    /// What it proves; nil where nothing has to be proved, or it is no heartbeat.
    package var proof: Proof?
    /// What it says is worth by that.
    package var standing = HeartbeatGate.Standing.current
    /// What `Monitor.lookAhead` returned; nil where it was not called.
    package var hash: UInt64?

    package init(
      outline: Heartbeat.Outline?, source: Endpoint, interface: Int32, received: Int64,
      origin: HeartbeatOrigin, hash: UInt64? = nil
    ) {
      self.outline = outline
      self.source = source
      self.interface = interface
      self.received = received
      self.origin = origin
      proof = nil
      self.hash = hash
    }
  }

  /// What was read from the socket at once.
  package struct Batch: Sendable {
    /// Datagrams of any kind, also those of other groups.
    package var count: Int
    /// Whether nothing waits in the socket any more.
    package var isLast: Bool
    /// The last one's receive stamp, in nanoseconds of CLOCK_REALTIME.
    package var stamp: Int64

    package init(count: Int, isLast: Bool, stamp: Int64) {
      self.count = count
      self.isLast = isLast
      self.stamp = stamp
    }
  }

  /// Where the group is joined.
  package struct Memberships: Sendable {
    package var interfaces: Set<Int32>
    /// Those of them without a carrier, on which nothing can arrive.
    package var withoutCarrier: Set<Int32>
    /// The names of interfaces that are used when they are there: their peers are kept. Nil for any.
    package var awaited: Set<String>?

    package init(interfaces: Set<Int32>, withoutCarrier: Set<Int32>, awaited: Set<String>?) {
      self.interfaces = interfaces
      self.withoutCarrier = withoutCarrier
      self.awaited = awaited
    }
  }

  /// The settings that matter to what is said of the group.
  package struct Configuration: Equatable, Sendable {
    /// Nil where no group is listened to.
    package var group: Endpoint?
    /// `peers.max`.
    package var capacity: Int
    /// `peers.expected`.
    package var expected: [PeerSubject]
    /// `peers.false-alarms`.
    package var falseAlarms: FalseAlarmRate
    /// `source`: addresses from which datagrams are accepted; empty for any.
    package var sources: [IPAddress]
    /// Of our own heartbeats, in nanoseconds.
    package var interval: Int64
    /// As in `Input.tick`, until the next one.
    package var zoneOffset: Int64

    package init(
      group: Endpoint?, capacity: Int, expected: [PeerSubject], falseAlarms: FalseAlarmRate = .standard,
      sources: [IPAddress], interval: Int64, zoneOffset: Int64 = 0
    ) {
      self.group = group
      self.capacity = capacity
      self.expected = expected
      self.falseAlarms = falseAlarms
      self.sources = sources
      self.interval = interval
      self.zoneOffset = zoneOffset
    }
  }
}

/// What is to be done, in the order given.
package enum Directive: Sendable {
  /// Tell the sinks. They find the state of all peers in `Monitor` as it is after the event.
  case tell(Event)
  /// Peers fell silent or are heard again on an interface, which says something of our own membership.
  case examine(MembershipEvidence, interface: Int32)
  /// Give `Input.deadline` at this time, in nanoseconds of CLOCK_MONOTONIC, unless a tick or a time that
  /// was named before comes first; nil names none.
  case wake(at: Int64?)
}
