// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Folders in the runtime directory that other units watch: a file is in that which is named as its state.
struct WatchedFolders<Folder: RawRepresentable & CaseIterable & Equatable> where Folder.RawValue == String {
  let path: String

  /// Makes the folders; a failure shows in the next write.
  ///
  /// - Parameter path: Of the directory in which they are.
  init(at path: String) {
    self.path = path
    make()
  }

  private func make() {
    for directory in [path] + Folder.allCases.map({ "\(path)/\($0.rawValue)" }) {
      mkdir(directory, 0o755)
      // Readable by all, whatever the umask: other units watch it.
      chmod(directory, 0o755)
    }
  }

  /// The names in a folder.
  func names(in folder: Folder) -> Set<String> {
    let names = (try? DirectoryNames.read("\(path)/\(folder.rawValue)")) ?? []
    return Set(names.filter { !$0.hasPrefix(".") })
  }

  /// Whether a file is in this folder (nil: none) and in no other.
  func isPlaced(_ name: String, in folder: Folder?) -> Bool {
    Folder.allCases.allSatisfy { (access(file(name, $0), F_OK) == 0) == ($0 == folder) }
  }

  func file(_ name: String, _ folder: Folder) -> String { "\(path)/\(folder.rawValue)/\(name)" }

  /// Replaces a file by one of `key=value` lines, written outside the folders, so that a watcher never sees
  /// that name.
  ///
  /// - Throws: `FileFailure`, of the second try where somebody had removed a folder.
  func write(_ facts: [(String, String)], to file: String) throws(FileFailure) {
    let bytes = Array(facts.map { "\($0)=\($1)\n" }.joined().utf8)
    func replace() throws(FileFailure) {
      try RuntimeFile.replace(file, by: path + "/.new", mode: 0o644) { FileContents.write(bytes, to: $0) }
    }
    do throws(FileFailure) {
      try replace()
    } catch {
      guard error.errno == ENOENT else { throw error }
      make()
      try replace()
    }
  }
}
