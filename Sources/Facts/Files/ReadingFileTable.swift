// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// What is known of the files in a directory of readings: what was found in it, and in each file when it was
/// read last. Reading is somebody else's business.
package struct ReadingFileTable: Sendable {
  /// Nanoseconds for which an empty file must stay empty. One that is written anew without rename(2) is empty
  /// for a moment, and on a busy host for longer; until then it says what it said.
  package static let emptyLasts: Int64 = 1_000_000_000

  private struct Entry {
    var value = ReadingValue.unknown
    var problem: ReadingFileFault.Problem?
    /// When the file was found empty first, in nanoseconds of CLOCK_MONOTONIC.
    var emptySince: Int64?
  }

  /// Its path.
  package let directory: String
  private var names = ReadingFileNames([], directory: "")
  /// Why the names are not of now, and why changes are not notified.
  private var listing: ReadingFileFault.Problem?
  private var watching: ReadingFileFault.Problem?
  /// Of `names.keys`, those that were read.
  private var entries: [ReadingKey: Entry] = [:]

  package init(directory: String) { self.directory = directory }

  /// The files that are wanted, in order.
  package var keys: [ReadingKey] { names.keys }

  /// The directory was read.
  ///
  /// - Parameter found: The names in it; of a large one more than `ReadingFileNames.most`.
  /// - Returns: The keys that are new.
  package mutating func list(_ found: [String]) -> [ReadingKey] {
    listing = nil
    return replace(ReadingFileNames(found, directory: directory))
  }

  /// The directory could not be read.
  ///
  /// - Parameter isGone: Whether its files are gone with it; otherwise they are wanted as before.
  package mutating func list(failed problem: ReadingFileFault.Problem, isGone: Bool) {
    listing = problem
    if isGone { _ = replace(ReadingFileNames([], directory: directory)) }
  }

  /// - Parameter problem: Why changes are not notified; nil where they are.
  package mutating func watch(_ problem: ReadingFileFault.Problem?) { watching = problem }

  private mutating func replace(_ names: ReadingFileNames) -> [ReadingKey] {
    let before = Set(self.names.keys)
    let wanted = Set(names.keys)
    self.names = names
    entries = entries.filter { wanted.contains($0.key) }
    return names.keys.filter { !before.contains($0) }
  }

  /// A file was read.
  ///
  /// - Parameters:
  ///   - key: Of one that is not wanted any more nothing is kept.
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  package mutating func note(
    _ result: Result<ReadingValue, ReadingFileFault.Problem>, of key: ReadingKey, now: Int64
  ) {
    guard names.keys.contains(key) else { return }
    switch result {
    case .success(let value): entries[key] = Entry(value: value)
    case .failure(.empty):
      let entry = entries[key, default: Entry()]
      let since = entry.emptySince ?? now
      let (age, isBeyond) = now.subtractingReportingOverflow(since)
      if isBeyond || age >= Self.emptyLasts {
        entries[key] = Entry(problem: .empty, emptySince: since)
      } else {
        entries[key, default: entry].emptySince = since
      }
    case .failure(let problem): entries[key] = Entry(problem: problem)
    }
  }

  package var files: ReadingFiles {
    var faults = names.faults
    for problem in [listing, watching] {
      if let problem { faults.append(ReadingFileFault(path: directory, problem: problem)) }
    }
    for (key, entry) in entries {
      if let problem = entry.problem {
        faults.append(ReadingFileFault(path: "\(directory)/\(key)", problem: problem))
      }
    }
    return ReadingFiles(values: entries.mapValues(\.value), faults: faults.sorted())
  }
}
