// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Whether the heartbeats that this host sends come back to it, for each interface on which they should. The
/// kernel loops them back (ip(7), IP_MULTICAST_LOOP) whatever the network does, so that missing ones are a
/// local fault: a firewall, or a lost membership.
///
/// A pure value. Times are in nanoseconds of CLOCK_MONOTONIC, interfaces go by their number in
/// `InterfaceNames`.
package struct SelfTest: Equatable, Sendable {
  /// A change of the result on one interface.
  package struct Event: Equatable, Sendable {
    /// What changed.
    package enum Change: Equatable, Sendable {
      /// So many heartbeats in a row were sent and did not come back.
      case notHeard(unheard: Int)
      /// They come back again, after so many nanoseconds.
      case heardAgain(silentFor: Int64)
    }

    /// The interface's number.
    package var interface: Int32
    /// What changed there.
    package var change: Change
  }

  /// Our own heartbeats as they were received on one interface.
  package struct Report: Equatable, Sendable {
    /// The interface's number.
    package var interface: Int32
    /// The name in the last one; nil where it was plain.
    package var name: HostName?
    /// What the last one proves; nil where nothing has to be proved.
    package var proof: Proof?
    /// The source address and port of the last one.
    package var address: IPAddress
    package var port: UInt16
    /// How many came back.
    package var beats: UInt64
    /// When the last one arrived.
    package var lastHeard: Int64
  }

  private struct Interface: Equatable, Sendable {
    /// Since when they should come back.
    let expectedSince: Int64
    /// Heartbeats sent since the last one that came back.
    var unheard = 0
    /// When the first of those was sent.
    var firstUnheard: Int64 = 0
    /// Whether `notHeard` was reported and `heardAgain` was not.
    var isFailing = false
    var lastHeard: Int64?
    var name: HostName?
    var proof: Proof?
    var address = IPAddress.unspecified(.ipv4)
    var port: UInt16 = 0
    var beats: UInt64 = 0

    var unheardSince: Int64 { lastHeard ?? firstUnheard }
  }

  private var interfaces: [Int32: Interface] = [:]

  /// A test of no interface.
  package init() {}

  /// Tests these interfaces and no others: those where both directions are on, with the same group and port,
  /// loopback on and our own address among the accepted sources.
  ///
  /// - Parameter now: Those sent before are not waited for, where that begins now: some are told later.
  mutating func expect(on wanted: Set<Int32>, at now: Int64) {
    for interface in interfaces.keys where !wanted.contains(interface) { interfaces[interface] = nil }
    for interface in wanted where interfaces[interface] == nil {
      interfaces[interface] = Interface(expectedSince: now)
    }
  }

  /// Notes heartbeats that were sent without an error at these times. Those sent before the last one that
  /// came back are not waited for any more.
  mutating func sent(_ times: [Int64], on interface: Int32) {
    guard var state = interfaces[interface] else { return }
    for time in times where time >= state.expectedSince && time > state.lastHeard ?? .min {
      if state.unheard == 0 { state.firstUnheard = time }
      state.unheard += 1
    }
    interfaces[interface] = state
  }

  /// Notes a heartbeat that came back on the interface on which it was sent.
  ///
  /// - Parameter arrival: When it arrived.
  /// - Returns: `heardAgain` where they had not come back.
  mutating func heard(
    on interface: Int32, as name: HostName? = nil, proof: Proof? = nil,
    from source: Endpoint, at arrival: Int64
  ) -> Event? {
    guard var state = interfaces[interface] else { return nil }
    let silentFor = max(0, arrival - state.unheardSince)
    let wasFailing = state.isFailing
    state.unheard = 0
    state.isFailing = false
    state.lastHeard = arrival
    (state.name, state.proof) = (name, proof)
    (state.address, state.port) = (source.address, source.port)
    state.beats = min(state.beats, .max - 1) + 1
    interfaces[interface] = state
    return wasFailing ? Event(interface: interface, change: .heardAgain(silentFor: silentFor)) : nil
  }

  /// Counts anew: our own heartbeats may be among the datagrams that the kernel dropped.
  mutating func noteKernelDrops() {
    for interface in interfaces.keys { interfaces[interface]?.unheard = 0 }
  }

  /// Judges, after all that waited in the socket was read.
  ///
  /// - Returns: One change; others at the next call.
  mutating func judge(at now: Int64) -> Event? {
    var first: Event?
    for (interface, state) in interfaces
    where !state.isFailing && state.unheard >= LivenessRule.selfTestBeats
      && now - state.firstUnheard >= LivenessRule.selfTestSpan
      // The order of a dictionary is another in every process.
      && interface < first?.interface ?? .max
    {
      first = Event(interface: interface, change: .notHeard(unheard: state.unheard))
    }
    if let first { interfaces[first.interface]?.isFailing = true }
    return first
  }

  // MARK: Results

  /// Whether ours do not come back on an interface where they should.
  package func areMissing(on interface: Int32) -> Bool { missingSince(on: interface) != nil }

  /// Since when they do not come back; nil while they do.
  func missingSince(on interface: Int32) -> Int64? {
    interfaces[interface].flatMap { $0.isFailing ? $0.unheardSince : nil }
  }

  /// Whether more did not come back than may be on their way: what is not heard now may be our fault.
  func isDoubtful(on interface: Int32) -> Bool {
    interfaces[interface].map { $0.unheard >= LivenessRule.selfTestDoubtfulBeats } ?? false
  }

  /// The interfaces on which ours do not come back, and since when.
  var missing: [(interface: Int32, since: Int64)] {
    interfaces.keys.compactMap { interface in missingSince(on: interface).map { (interface, $0) } }
  }

  /// When ours were last heard on an interface, or the first was sent that did not come back; nil where they
  /// are not expected.
  func unheardSince(on interface: Int32) -> Int64? { interfaces[interface]?.unheardSince }

  /// The interfaces on which ours came back, in no order.
  package var reports: [Report] {
    interfaces.compactMap { interface, state in
      state.lastHeard.map {
        Report(
          interface: interface, name: state.name, proof: state.proof, address: state.address,
          port: state.port, beats: state.beats, lastHeard: $0)
      }
    }
  }
}
