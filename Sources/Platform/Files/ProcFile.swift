// SPDX-License-Identifier: Apache-2.0

/// Files under /proc. They have no size, and their text contains names that others chose (processes,
/// interfaces).
package enum ProcFile {
  /// /proc/net of the calling thread, whose network namespace may differ from the main thread's.
  package static let network = "/proc/thread-self/net/"

  /// The first 4 MiB of the text; `nil` when it cannot be read.
  package static func read(_ path: String) -> String? {
    (try? FileContents.read(path, limit: 4 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A file with one number in it, as in /proc/sys.
  package static func number(_ path: String) -> Int? {
    read(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
  }
}
