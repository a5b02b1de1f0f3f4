// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// A name in a directory that is watched.
struct WatchedName: Hashable, Sendable {
  var watch: Int32
  var name: String
}

/// Which readings may change with which name: a file's own, and those of the symlinks on the way to it.
struct WatchedNames {
  private var names: [ReadingKey: Set<WatchedName>] = [:]
  private var keys: [Int32: [String: Set<ReadingKey>]] = [:]

  /// The readings that may change with this name.
  func keys(of name: WatchedName) -> Set<ReadingKey> { keys[name.watch]?[name.name] ?? [] }

  /// The readings that may change with any name in this directory.
  func keys(in watch: Int32) -> Set<ReadingKey> {
    keys[watch]?.values.reduce(into: []) { $0.formUnion($1) } ?? []
  }

  func isUsed(_ watch: Int32) -> Bool { keys[watch] != nil }

  /// Replaces the names of a reading.
  ///
  /// - Returns: The watches that no reading needs any more.
  mutating func set(_ new: Set<WatchedName>, of key: ReadingKey) -> Set<Int32> {
    let old = names[key] ?? []
    guard new != old else { return [] }
    names[key] = new.isEmpty ? nil : new
    for name in new.subtracting(old) { keys[name.watch, default: [:]][name.name, default: []].insert(key) }
    var unused: Set<Int32> = []
    for name in old.subtracting(new) {
      keys[name.watch]?[name.name]?.remove(key)
      if keys[name.watch]?[name.name]?.isEmpty == true { keys[name.watch]?[name.name] = nil }
      guard keys[name.watch]?.isEmpty == true else { continue }
      keys[name.watch] = nil
      unused.insert(name.watch)
    }
    return unused
  }

  /// Removes the readings that are not wanted.
  ///
  /// - Returns: As of `set`.
  mutating func keep(_ wanted: some Collection<ReadingKey>) -> Set<Int32> {
    Set(names.keys).subtracting(wanted).reduce(into: []) { $0.formUnion(set([], of: $1)) }
  }
}
