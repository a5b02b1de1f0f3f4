// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The names in a directory (readdir(3)).
package enum DirectoryNames {
  package struct Refused: Error, Equatable {
    /// Of opendir(3) or readdir(3).
    package let errno: Int32

    package init(errno: Int32) { self.errno = errno }
  }

  /// All but `.` and `..`, in no order. Bytes that are not UTF-8 are replaced by U+FFFD.
  ///
  /// - Parameter limit: names that are read at most; a caller that must know of further ones asks for one
  ///   more than it takes.
  /// - Throws: `Refused`: ENOENT where there is no such directory, EACCES where it may not be read.
  package static func read(_ path: String, limit: Int = .max) throws(Refused) -> [String] {
    guard let directory = opendir(path) else { throw Refused(errno: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while names.count < limit {
      // Only errno tells the end from an error.
      errno = 0
      guard let entry = readdir(directory) else {
        let failure = errno
        guard failure == 0 else { throw Refused(errno: failure) }
        return names
      }
      let name = name(entry)
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The name, read in place up to its NUL. An entry is `d_reclen` bytes long, not the size of the type:
  /// copying `d_name` would read 256 bytes and run past the entry.
  package static func name(_ entry: UnsafePointer<dirent>) -> String {
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    return String(
      cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
  }
}
