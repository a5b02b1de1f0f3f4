// SPDX-License-Identifier: Apache-2.0

import Multicast

/// Keeps what was seen on the wire since the doctor began.
final class WireTap {
  struct Query: Equatable {
    var source: IPAddress
    var version: Int
  }

  /// Datagrams to one of the groups on one interface, before reverse path and firewall.
  struct Arrivals: Equatable {
    var count = 0
    /// At most 1000.
    var sources: Set<IPAddress> = []
  }

  struct Place: Hashable {
    var interface: UInt32
    var group: Endpoint
  }

  private(set) var arrivals: [Place: Arrivals] = [:]
  private(set) var queries: [UInt32: [Query]] = [:]
  private let observers: [WireObserver]
  /// Why there is nothing to see: EPERM without CAP_NET_RAW.
  let error: MulticastError?

  init(families: Set<AddressFamily>) {
    do throws(MulticastError) {
      var observers: [WireObserver] = []
      for family in families { observers.append(try WireObserver(family)) }
      self.observers = observers
      error = nil
    } catch {
      observers = []
      self.error = error
    }
  }

  var descriptors: [Int32] { observers.map(\.descriptor) }

  func drain() {
    for observer in observers {
      observer.drain { interface, packet in
        switch packet {
        case .datagram(let source, let destination):
          let place = Place(interface: interface, group: destination)
          guard arrivals.count < 1000 || arrivals[place] != nil else { return }
          arrivals[place, default: Arrivals()].count += 1
          if arrivals[place, default: Arrivals()].sources.count < 1000 {
            arrivals[place]?.sources.insert(source.address)
          }
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
