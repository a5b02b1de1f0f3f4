// SPDX-License-Identifier: Apache-2.0

import Control
import Liveness
import Platform
import Varlink

/// The reply to `ListPeers`.
enum PeerListing {
  /// All peers, in no order, as `PeersReply` has them.
  ///
  /// - Parameter expected: Bytes that it may have.
  static func build(from subscriber: Subscriber, expected: Int) async -> VarlinkParameters {
    let head = await subscriber.read { $0.listingHead }
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
