// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// States as files, for hosts where mcastd may not start units: `states/active/NAME` exists exactly while the
/// state is active, and `states/inactive/NAME` while it is not. Each holds `key=value` lines.
///
/// A file goes from one folder to the other by one rename(2), so that it is never in both or neither.
struct StateDirectory {
  enum Folder: String, CaseIterable {
    case active
    case inactive

    var other: Folder { self == .active ? .inactive : .active }
  }

  private let folders: WatchedFolders<Folder>
  /// Made by `release-states`, which stopped the targets of all active states.
  private let release: String

  /// Makes the folders.
  ///
  /// - Parameter runtime: The runtime directory; nil makes no directory.
  init?(runtime: String?) {
    guard let runtime else { return nil }
    folders = WatchedFolders(at: runtime + "/states")
    release = runtime + "/states-released"
  }

  /// Whether the targets of active states were stopped when the previous process ended; asked once.
  func takeRelease() -> Bool { rmdir(release) == 0 }

  /// The names in a folder.
  func names(in folder: Folder) -> Set<String> { folders.names(in: folder) }

  /// What a state's file says.
  func facts(_ name: String, in folder: Folder) -> [(String, String)] {
    let bytes = (try? FileContents.read(folders.file(name, folder), limit: 4096, onlyRegular: true)) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
  }

  /// Whether a state's file is in this folder (nil: none) and in no other.
  func isPlaced(_ name: String, in folder: Folder?) -> Bool { folders.isPlaced(name, in: folder) }

  /// Puts a state's file into one folder, or none, and removes it from the other.
  ///
  /// The new content comes first, where the file still is: whoever finds it at its new place finds what it
  /// says there. If it cannot be written the file is moved as it is, which needs neither space nor a
  /// descriptor: old facts in the right folder are better than a wrong state.
  ///
  /// - Throws: `FileFailure`, the first of the calls that failed.
  func place(_ name: String, in folder: Folder?, _ facts: [(String, String)]) throws(FileFailure) {
    guard let folder else {
      for folder in Folder.allCases { try RuntimeFile.remove(folders.file(name, folder)) }
      return
    }
    let (new, old) = (folders.file(name, folder), folders.file(name, folder.other))
    let isThere = access(new, F_OK) == 0
    var failure: FileFailure?
    do throws(FileFailure) {
      try folders.write(facts, to: isThere || access(old, F_OK) != 0 ? new : old)
    } catch {
      failure = error
    }
    if isThere {
      try RuntimeFile.remove(old)
    } else if rename(old, new) != 0, errno != ENOENT {
      failure = failure ?? FileFailure(call: "rename", path: new, errno: errno)
    }
    if let failure { throw failure }
  }
}
