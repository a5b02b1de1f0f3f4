// SPDX-License-Identifier: Apache-2.0

/// A key whose value in force is another one after a reload. Where values come from does not count.
package struct SettingChange: Hashable, Sendable {
  package var key: Key
  /// In their normal form.
  package var before: String
  package var after: String
  /// Where the new value comes from.
  package var origin: Origin
}

extension Settings {
  /// What differs from the settings before, in the order of ``Key``. A shared key that no direction uses any
  /// more changes nothing but itself.
  package func changes(from old: Settings) -> [SettingChange] {
    let before = Dictionary(old.effective.map { ($0.key, $0.value) }) { first, _ in first }
    return effective.compactMap { value in
      guard let old = before[value.key], old != value.value else { return nil }
      return SettingChange(key: value.key, before: old, after: value.value, origin: value.origin)
    }
  }
}

/// What a reload has to do when a key changed.
package enum ReloadEffect: CaseIterable, Sendable {
  /// Nothing: the keys that inherit from this one have their own effects.
  case none
  /// Opens another receive socket, or none.
  case receiver
  /// Joins and leaves on the socket that is there, opens and closes senders.
  case interfaces
  /// Hears others on the socket that is there.
  case sources
  case receiveBuffer
  /// Opens other senders, or changes their options.
  case senders
  /// Starts or stops sending, or begins another schedule.
  case schedule
  /// Writes and reads the times of heartbeats in another zone.
  case zone
  case log
  case peers
}

extension Key {
  /// A switch without a default: a new key does not compile until it says what a reload does with it.
  package var reloadEffect: ReloadEffect {
    switch self {
    case .group, .port, .interface: .none
    case .subscribeEnabled, .subscribeGroup, .subscribePort: .receiver
    case .subscribeInterface, .publishInterface: .interfaces
    case .source: .sources
    case .receiveBuffer: .receiveBuffer
    case .publishGroup, .publishPort, .ttl, .loopback: .senders
    case .publishEnabled, .interval: .schedule
    case .timestamp: .zone
    case .logRate, .logBurst, .logOwn, .logHeartbeats, .logQueue, .logLevel: .log
    case .peersMax, .peersExpected: .peers
    }
  }
}
