// SPDX-License-Identifier: Apache-2.0

import Platform

/// Keeps the files of states in step with the states. Failed writes are retried, and what somebody removed is
/// made again.
struct StateFiles {
  /// Writes retried in one turn.
  private static let repairs = 100

  /// What the file of an active state says whose target could not be started, for the next process.
  private static let refused = ("target", "refused")

  private struct State {
    var isActive: Bool
    /// In microseconds since the epoch.
    var since: Int64
    /// The rule that decided; nil where none has yet.
    var rule: String?
    /// The target was not started.
    var isRefused = false

    var folder: StateDirectory.Folder { isActive ? .active : .inactive }

    var facts: [(String, String)] {
      [("state", folder.rawValue), ("since_usec", "\(since)")] + (rule.map { [("rule", $0)] } ?? [])
        + (isRefused ? [StateFiles.refused] : [])
    }
  }

  private let directory: StateDirectory?
  private var states: [String: State] = [:]
  private var stale = RetryQueue<String>()
  private var failure: FileFailure?
  private var health = FileHealth()

  /// - Parameter directory: Nil for no files.
  init(directory: StateDirectory?) { self.directory = directory }

  /// States that the previous process left as active, and whether the target of each was refused; none where
  /// they were released when it ended.
  func left() -> [String: Bool] {
    guard let directory, !directory.takeRelease() else { return [:] }
    return directory.names(in: .active).reduce(into: [:]) { left, name in
      left[name] = directory.facts(name, in: .active).contains { $0 == Self.refused }
    }
  }

  /// Which states there are from now on; the others' files are removed. A file that is where it should be
  /// stays as it is: its facts are of when the state was entered or left.
  ///
  /// - Parameters:
  ///   - found: Those that are active, of which nothing was set yet. The others are inactive.
  ///   - time: In microseconds since the epoch.
  mutating func follow(_ names: Set<String>, active found: Set<String>, time: Int64) {
    guard let directory else { return }
    for name in names where states[name] == nil {
      let state = State(isActive: found.contains(name), since: time, rule: nil)
      states[name] = state
      if !directory.isPlaced(name, in: state.folder) { update(name) }
    }
    let present = StateDirectory.Folder.allCases.reduce(into: Set(states.keys)) {
      $0.formUnion(directory.names(in: $1))
    }
    for name in present.subtracting(names) {
      states[name] = nil
      update(name)
    }
  }

  /// A state was entered or left. One that is gone stays gone.
  ///
  /// - Parameter time: In microseconds since the epoch.
  mutating func set(_ name: String, isActive: Bool, rule: String?, time: Int64) {
    guard isActive || states[name] != nil else { return }
    states[name] = State(isActive: isActive, since: time, rule: rule)
    update(name)
  }

  /// The target of a state was refused, or not.
  mutating func note(_ name: String, isRefused: Bool) {
    guard let state = states[name], state.isActive, state.isRefused != isRefused else { return }
    states[name]?.isRefused = isRefused
    update(name)
  }

  private mutating func update(_ name: String) {
    guard let directory else { return }
    let state = states[name]
    do throws(FileFailure) {
      try directory.place(name, in: state?.folder, state?.facts ?? [])
      stale.remove(name)
    } catch {
      stale.insert(name)
      failure = failure ?? error
    }
  }

  /// Whether `repair` has something to write again, a second from now.
  var isStale: Bool { !stale.isEmpty }

  /// Retries failed writes.
  ///
  /// - Returns: A change of whether the files can be written.
  mutating func repair() -> FileHealth.Change? {
    for name in stale.take(Self.repairs) { update(name) }
    return takeHealth()
  }

  /// Compares the folders with the states.
  mutating func compare() {
    guard let directory else { return }
    for (name, state) in states where !stale.contains(name) {
      if !directory.isPlaced(name, in: state.folder) { update(name) }
    }
  }

  /// A change of whether the files can be written, since the last call.
  mutating func takeHealth() -> FileHealth.Change? {
    defer { failure = nil }
    if stale.isEmpty { return health.note(nil) }
    return failure.flatMap { health.note($0) }
  }
}
