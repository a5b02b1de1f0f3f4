// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A call on a file that failed.
package struct FileFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// As in its man page.
  package var call: String
  package var path: String
  package var errno: Int32

  package init(call: String, path: String, errno: Int32) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  package var description: String { "\(call) \(path): \(errnoText(errno))" }

  /// What an operator can do.
  package var advice: String {
    switch errno {
    case ENOSPC, EDQUOT: "Make room in /run (`df -h /run`, `df -i /run`)."
    case EMFILE, ENFILE: "No file descriptors are left: see LimitNOFILE= and fs.file-max."
    case EACCES, EPERM, EROFS: "The directory must be writable for the daemon's user."
    case ENOENT, ENOTDIR: "Somebody removed the directory: `systemctl restart mcastd` makes it anew."
    default: "See `mcastd doctor`."
    }
  }
}

/// Reports once that files cannot be written, and once that they can again.
package struct FileHealth: Sendable {
  package enum Change: Equatable, Sendable {
    case failing(FileFailure)
    case recovered
  }

  private var isFailing = false

  package init() {}

  /// - Parameter failure: of the last attempt; nil for success.
  package mutating func note(_ failure: FileFailure?) -> Change? {
    guard isFailing != (failure != nil) else { return nil }
    isFailing = failure != nil
    return failure.map { .failing($0) } ?? .recovered
  }
}
