// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// States as files, for hosts where mcastd may not start units: `states/active/NAME` exists exactly while the
/// state is active, and `states/inactive/NAME` while it is not. Each holds `key=value` lines.
///
/// A file goes from one folder to the other by one rename(2), so that it is never in both or neither. A
/// failure to create the folders shows in the next write.
struct StateDirectory {
  enum Folder: String, CaseIterable {
    case active
    case inactive

    var other: Folder { self == .active ? .inactive : .active }
  }

  private let path: String
  /// Made by `release-states`, which stopped the targets of all active states.
  private let release: String

  /// Makes the folders.
  ///
  /// - Parameter runtime: The runtime directory; nil makes no directory.
  init?(runtime: String?) {
    guard let runtime else { return nil }
    (path, release) = (runtime + "/states", runtime + "/states-released")
    makeFolders()
  }

  /// Whether the targets of active states were stopped when the previous process ended; asked once.
  func takeRelease() -> Bool { rmdir(release) == 0 }

  private func makeFolders() {
    for directory in [path] + Folder.allCases.map({ "\(path)/\($0.rawValue)" }) {
      mkdir(directory, 0o755)
      // Readable by all, whatever the umask: other units watch it.
      chmod(directory, 0o755)
    }
  }

  /// The names in a folder.
  func names(in folder: Folder) -> Set<String> {
    Set((try? DirectoryNames.read("\(path)/\(folder.rawValue)")) ?? [])
  }

  /// What a state's file says.
  func facts(_ name: String, in folder: Folder) -> [(String, String)] {
    let bytes = (try? FileContents.read(file(name, folder), limit: 4096, onlyRegular: true)) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
  }

  /// Whether a state's file is in this folder (nil: none) and in no other.
  func isPlaced(_ name: String, in folder: Folder?) -> Bool {
    Folder.allCases.allSatisfy { (access(file(name, $0), F_OK) == 0) == ($0 == folder) }
  }

  /// Puts a state's file into one folder, or none, and removes it from the other.
  ///
  /// The new content comes first, where the file still is: whoever finds it at its new place finds what it
  /// says there. If it cannot be written the file is moved as it is, which needs neither space nor a
  /// descriptor: old facts in the right folder are better than a wrong state.
  ///
  /// - Throws: `FileFailure`, the first of the calls that failed.
  func place(_ name: String, in folder: Folder?, _ facts: [(String, String)]) throws(FileFailure) {
    guard let folder else {
      for folder in Folder.allCases { try FactsFile.remove(file(name, folder)) }
      return
    }
    let (new, old) = (file(name, folder), file(name, folder.other))
    let isThere = access(new, F_OK) == 0
    var failure: FileFailure?
    do throws(FileFailure) {
      try write(facts, to: isThere || access(old, F_OK) != 0 ? new : old)
    } catch {
      failure = error
    }
    if isThere {
      try FactsFile.remove(old)
    } else if rename(old, new) != 0, errno != ENOENT {
      failure = failure ?? FileFailure(call: "rename", path: new, errno: errno)
    }
    if let failure { throw failure }
  }

  private func file(_ name: String, _ folder: Folder) -> String { "\(path)/\(folder.rawValue)/\(name)" }

  private func write(_ facts: [(String, String)], to file: String) throws(FileFailure) {
    try FactsFile.write(facts, to: file, by: path + "/.new", makeFolders: makeFolders)
  }
}
