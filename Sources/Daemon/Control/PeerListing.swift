// SPDX-License-Identifier: Apache-2.0

import Control
import Liveness
import Platform
import Varlink

/// The reply to `ListPeers`: built at most once a second and shared by all callers. It is encoded off the
/// receive loop, which only copies peers (`PeerSlices`).
actor PeerListing {
  /// Of its own: to encode tens of thousands of peers takes long, and other calls do not wait for that.
  private nonisolated let executor = QueueExecutor(label: "mcastd.listing")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Lifetime of a listing in nanoseconds: a second, or `share` times the time to build it, which bounds the
  /// cost to a tenth of a core.
  private static let lifetime: Int64 = 1_000_000_000
  private static let share: Int64 = 10

  private let subscriber: Subscriber
  private var latest: VarlinkParameters?
  private var isGoodUntil: Int64 = 0
  private var building: Task<VarlinkParameters, Never>?

  init(of subscriber: Subscriber) { self.subscriber = subscriber }

  /// All peers, in no order, as `PeersReply` has them.
  func reply() async -> VarlinkParameters {
    if let latest, Clocks.monotonic() < isGoodUntil { return latest }
    if let building { return await building.value }
    let (subscriber, before) = (subscriber, latest?.json.count ?? 0)
    // Frees its memory before the next is built.
    latest = nil
    let started = Clocks.monotonic()
    let task = Task.detached(executorPreference: executor) {
      await Self.build(from: subscriber, expected: before)
    }
    building = task
    let reply = await task.value
    let now = Clocks.monotonic()
    (latest, building) = (reply, nil)
    isGoodUntil = now + max(Self.lifetime, Self.share * (now - started))
    return reply
  }

  /// - Parameter expected: Bytes of the previous listing.
  private static func build(from subscriber: Subscriber, expected: Int) async -> VarlinkParameters {
    let head = await subscriber.read { $0.listingHead }
    let expected = expected + expected / 8
    guard var list = VarlinkParameters.ListEncoder(head.reply, list: PeersReply.Head.list, expected: expected)
    else {
      return .none
    }
    for peer in head.own + head.expected { _ = list.append(peer) }
    var slices = PeerSlices(of: subscriber)
    while let peers = await slices.next() {
      for (report, interface, readings) in peers {
        var peer = PeerReply(report, interface: interface, head.conditions[interface] ?? [])
        peer.setReadings(readings)
        _ = list.append(peer)
      }
    }
    return list.finish()
  }
}

/// A listing without the peers of the table.
struct ListingHead: Sendable {
  var own: [PeerReply]
  /// Expected peers that were never heard.
  var expected: [PeerReply]
  /// By interface.
  var conditions: [String: [Condition]]
  var isNetworkSilent: Bool
  var refused: UInt64

  var reply: PeersReply.Head { PeersReply.Head(networkSilent: isNetworkSilent, refused: refused) }
}

extension ReceivePipeline {
  fileprivate var listingHead: ListingHead {
    let (liveness, conditions) = (monitor.liveness, monitor.liveness.conditions)
    return ListingHead(
      own: liveness.selfTest.reports.map { own in
        var reply = PeerReply(
          own, interface: liveness.names.name(of: own.interface),
          address: senders.address(on: own.interface))
        reply.setReadings(readingCounts(of: own.name))
        return reply
      },
      expected: liveness.expected.subjects.compactMap { subject in
        liveness.expected.state(of: subject).map { PeerReply(expected: subject, $0) }
      },
      conditions: Dictionary(grouping: conditions, by: \.interface),
      isNetworkSilent: !liveness.interfaces.networkSilent.isEmpty, refused: liveness.counts.refused)
  }
}
