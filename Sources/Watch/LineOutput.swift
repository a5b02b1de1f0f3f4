// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Platform

/// Standard output of `watch`, on a queue of its own: a full pipe blocks this queue and not the one of
/// signals and timers. Not O_NONBLOCK, which would apply to every process that shares the open file.
final class LineOutput: Sendable {
  private let queue = DispatchQueue(label: "mcastd.watch.output")

  /// Writes all of it, however long that takes.
  ///
  /// - Parameter completion: called on the queue of the output afterwards, also when it failed
  ///   (`Console.isBroken`).
  func print(_ text: ConsoleText, _ completion: @escaping @Sendable () -> Void) {
    queue.async {
      Console.print(text)
      completion()
    }
  }
}
