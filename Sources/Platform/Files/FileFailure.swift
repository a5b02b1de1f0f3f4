// SPDX-License-Identifier: Apache-2.0

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

  /// The failure of a change; nil where it succeeded.
  package static func of(_ change: () throws(FileFailure) -> Void) -> FileFailure? {
    do throws(FileFailure) { try change() } catch { return error }
    return nil
  }

  /// What an operator can do where the file is one of the runtime directory.
  package var advice: String { ErrnoAdvice.runtimeFile(errno) }
}
