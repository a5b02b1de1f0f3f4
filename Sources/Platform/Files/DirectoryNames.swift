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
  /// - Throws: `Refused`: ENOENT where there is no such directory, EACCES where it may not be read.
  package static func read(_ path: String) throws(Refused) -> [String] {
    guard let directory = opendir(path) else { throw Refused(errno: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      // The end and an error look the same but for errno.
      errno = 0
      guard let entry = readdir(directory) else {
        let failure = errno
        guard failure == 0 else { throw Refused(errno: failure) }
        return names
      }
      let name = name(entry)
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// The name, read in place and up to its end. An entry is as long as its name takes (`d_reclen`), and not as the
  /// type says: whoever copies `d_name` copies 256 bytes, and what lies behind the entry with it.
  package static func name(_ entry: UnsafePointer<dirent>) -> String {
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    return String(
      cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
  }
}
