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

  /// What an operator can do where the file is one of the runtime directory.
  package var advice: String { ErrnoAdvice.runtimeFile(errno) }
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
