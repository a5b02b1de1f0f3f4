// SPDX-License-Identifier: Apache-2.0

import Glibc
import Journal
import Monitor
import Multicast
import Platform
import Settings
import Systemd

/// The receive socket in systemd's descriptor store: it goes on receiving over a restart, a crash or an
/// upgrade, and the next process reads what is queued.
///
/// Its name in the store has the settings it was opened with. A socket of another name does not fit the
/// configuration and is removed and closed.
struct StoredReceiver: Sendable {
  private let store: DescriptorStore
  private let events: EventReporter

  init(store: DescriptorStore, events: EventReporter) {
    self.store = store
    self.events = events
  }

  /// The name of a socket with these settings: all of them that cannot be changed on a socket in use.
  static func name(_ settings: Settings) -> DescriptorName {
    let sources = settings.sources.map(\.description).joined(separator: ",")
    return DescriptorName(
      "receiver \(settings.subscribe.endpoint) interface=\(settings.subscribe.interfaces) "
        + "source=\(sources.isEmpty ? "any" : sources) receive-buffer=\(settings.receiveBuffer)")
  }

  /// Whether the socket of these settings was handed over and can be adopted: then no datagram since the
  /// previous process is missing.
  static func isKept(in handedOver: [StoredDescriptor], for settings: Settings) -> Bool {
    let (wanted, group) = (name(settings), settings.subscribe.endpoint)
    return settings.subscribe.enabled
      && handedOver.contains {
        $0.name == wanted && MulticastReceiver.obstacle(toAdopting: $0.descriptor, group: group) == nil
      }
  }

  /// Adopts the socket of these settings from the descriptors that systemd handed over, and closes all
  /// others.
  func adopt(_ handedOver: [StoredDescriptor], for settings: Settings) -> sending MulticastReceiver? {
    var adopted: MulticastReceiver?
    let wanted = Self.name(settings)
    for stored in handedOver {
      if settings.subscribe.enabled, adopted == nil, stored.name == wanted {
        adopted = take(stored, for: settings)
        if adopted != nil { continue }
      } else {
        events.debug("\(stored.name) in the descriptor store is not what the configuration asks for")
        _ = OwnedDescriptor(owning: stored.descriptor)
      }
      remove(stored.name)
    }
    // The store removes by name, so removing a duplicate removed this one too.
    if let adopted, handedOver.count(where: { $0.name == wanted }) > 1 {
      keep(adopted.descriptor, for: settings)
    }
    return adopted
  }

  private func take(_ stored: StoredDescriptor, for settings: Settings) -> MulticastReceiver? {
    let group = settings.subscribe.endpoint
    let reason: String
    do throws(MulticastError) {
      let obstacle = MulticastReceiver.obstacle(toAdopting: stored.descriptor, group: group)
      let receiver = try MulticastReceiver(
        adopting: stored.descriptor, group: group, receiveBuffer: settings.receiveBuffer)
      if let receiver { return receiver }
      reason = obstacle.map { "it \($0)" } ?? "it is not the receive socket of \(group)"
    } catch {
      reason = "\(error)"
    }
    events.report(.receiving(.socketUnusable(reason: reason), group: group))
    return nil
  }

  /// Stores a receiver's socket under the name of its settings.
  func keep(_ descriptor: Int32, for settings: Settings) {
    do throws(SystemdError) {
      try store.store(descriptor, as: Self.name(settings))
    } catch {
      events.debug("the receive socket cannot be kept over a restart: \(error)")
    }
  }

  func remove(for settings: Settings) { remove(Self.name(settings)) }

  private func remove(_ name: DescriptorName) {
    do throws(SystemdError) {
      try store.remove(name)
    } catch {
      events.debug("\(error)")
    }
  }
}
