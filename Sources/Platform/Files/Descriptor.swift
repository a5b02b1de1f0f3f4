// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file descriptor that is closed when its last reference goes.
///
/// A Dispatch source must not outlive the descriptor that it watches (a closed number is soon another file's), and
/// lets go of it only after its cancellation. So every source's cancel handler holds one of these.
package final class Descriptor: Sendable {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  deinit { close(number) }
}
