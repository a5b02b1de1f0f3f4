// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Standard output of `watch`, written to on a queue of its own: a pipe that nobody reads blocks this one,
/// and not the one that answers signals and timers. Not O_NONBLOCK, which would hold for whoever shares the
/// pipe with us.
package final class LineOutput: Sendable {
  private let queue = DispatchQueue(label: "mcastd.watch.output")

  package init() {}

  /// Writes all of it, however long that takes.
  ///
  /// - Parameter completion: called on the queue of the output afterwards, also when it failed
  ///   (`Console.isBroken`).
  package func print(_ text: ConsoleText, _ completion: @escaping @Sendable () -> Void) {
    queue.async {
      Console.print(text)
      completion()
    }
  }
}
