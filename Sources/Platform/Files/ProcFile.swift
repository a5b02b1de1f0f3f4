// SPDX-License-Identifier: Apache-2.0

/// Files under /proc, which tell no size and are text of the kernel's with names from elsewhere in it.
package enum ProcFile {
  /// /proc/net is the main thread's; this is the calling thread's, which is the same but in a process with threads in
  /// several namespaces.
  package static let network = "/proc/thread-self/net/"

  /// The text, at most 4 MiB of it; `nil` when it cannot be read.
  package static func read(_ path: String) -> String? {
    (try? FileContents.read(path, limit: 4 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A file with one number in it, as in /proc/sys.
  package static func number(_ path: String) -> Int? {
    read(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
  }
}
