// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

/// Datagrams and queries captured since the start, before reverse-path filter and firewall.
final class PacketCapture {
  struct Query: Equatable {
    var source: IPAddress
    var version: Int
  }

  /// Captured datagrams to one group on one interface.
  struct Arrivals: Equatable {
    private(set) var count = 0
    /// Datagrams by source, for at most 1000 sources.
    private(set) var bySource: [IPAddress: Int] = [:]

    var sources: Set<IPAddress> { Set(bySource.keys) }
    /// Whether the limit of sources is reached.
    var isFull: Bool { bySource.count >= 1000 }

    mutating func count(_ source: IPAddress) {
      count += 1
      if let known = bySource[source] {
        bySource[source] = known + 1
      } else if !isFull {
        bySource[source] = 1
      }
    }
  }

  struct Place: Hashable {
    var interface: UInt32
    var group: Endpoint
  }

  private(set) var arrivals: [Place: Arrivals] = [:]
  /// The doctor's own senders, whose datagrams do not count.
  private var own: Set<Endpoint> = []
  private(set) var queries: [UInt32: [Query]] = [:]
  private let observers: [PacketCaptureSocket]
  /// Why nothing is captured: EPERM without CAP_NET_RAW.
  let error: MulticastError?

  init(families: Set<AddressFamily>) {
    do throws(MulticastError) {
      var observers: [PacketCaptureSocket] = []
      for family in families { observers.append(try PacketCaptureSocket(family)) }
      self.observers = observers
      error = nil
    } catch {
      observers = []
      self.error = error
    }
  }

  var descriptors: [Int32] { observers.map(\.descriptor) }

  /// Ignores datagrams from a sender; an unspecified address stands for any.
  func ignore(from sender: Endpoint) { own.insert(sender) }

  private func isOwn(_ source: Endpoint) -> Bool {
    own.contains(source) || own.contains(Endpoint(.unspecified(source.address.family), port: source.port))
  }

  /// Discards the datagrams captured so far; queries are kept.
  func forgetArrivals() {
    drain()
    arrivals = [:]
  }

  func drain() {
    for observer in observers {
      observer.drain { interface, packet in
        switch packet {
        case .datagram(let source, let destination):
          let place = Place(interface: interface, group: destination)
          guard arrivals.count < 1000 || arrivals[place] != nil, !isOwn(source) else { return }
          arrivals[place, default: Arrivals()].count(source.address)
        case .generalQuery(let source, let version):
          let query = Query(source: source, version: version)
          if !queries[interface, default: []].contains(query), queries[interface, default: []].count < 100 {
            queries[interface, default: []].append(query)
          }
        case .other: break
        }
      }
    }
  }

  /// A general query of the family on the interface.
  func query(_ family: AddressFamily, on interface: UInt32) -> Query? {
    queries[interface]?.first { $0.source.family == family }
  }
}
