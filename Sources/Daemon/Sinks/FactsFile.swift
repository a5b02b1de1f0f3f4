// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// A file of `key=value` lines in a folder that other units watch.
enum FactsFile {
  /// Replaces a file.
  ///
  /// - Parameters:
  ///   - temporary: Where it is written, outside the watched folders, so that a watcher never sees that name.
  ///   - makeFolders: Makes those that somebody removed.
  /// - Throws: `FileFailure`, of the second try where a folder was missing.
  static func write(
    _ facts: [(String, String)], to file: String, by temporary: String, makeFolders: () -> Void
  ) throws(FileFailure) {
    let bytes = Array(facts.map { "\($0)=\($1)\n" }.joined().utf8)
    func replace() throws(FileFailure) {
      try RuntimeFile.replace(file, by: temporary, mode: 0o644) { FileContents.write(bytes, to: $0) }
    }
    do throws(FileFailure) {
      try replace()
    } catch {
      guard error.errno == ENOENT else { throw error }
      makeFolders()
      try replace()
    }
  }

  /// Removes a file, which need not be there.
  ///
  /// - Throws: `FileFailure` of unlink(2).
  static func remove(_ file: String) throws(FileFailure) {
    guard unlink(file) == 0 || errno == ENOENT else {
      throw FileFailure(call: "unlink", path: file, errno: errno)
    }
  }
}
