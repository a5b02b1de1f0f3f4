// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file descriptor with one owner, closed when the owner lets go of it. Nothing else in the program calls
/// close(2).
package struct OwnedDescriptor: ~Copyable, Sendable {
  package let number: Int32

  /// Takes over an open descriptor.
  package init(owning number: Int32) { self.number = number }

  /// Opens a file, closed on exec (open(2)).
  ///
  /// - Parameter mode: of a file that is made, before the umask.
  /// - Throws: `FileFailure` with the errno of open(2).
  package init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws(FileFailure) {
    number = open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw FileFailure(call: "open", path: path, errno: errno) }
  }

  deinit { close(number) }

  /// Calls `body` with the number, which is open until it returns: the use of `number` alone keeps nothing
  /// open.
  package borrowing func withNumber<Result, Failure: Error>(
    _ body: (Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result { try body(number) }
}

/// A file descriptor with several owners, closed when the last one lets go of it.
///
/// A Dispatch source must not outlive the descriptor that it watches (a closed number is soon reused), and
/// lets go of it only after cancellation. So every source's cancel handler holds one of these.
package final class Descriptor: Sendable {
  private let owned: OwnedDescriptor

  package var number: Int32 { owned.number }

  /// Takes over an open descriptor.
  package init(_ number: Int32) { owned = OwnedDescriptor(owning: number) }

  package init(_ owned: consuming OwnedDescriptor) { self.owned = owned }
}
