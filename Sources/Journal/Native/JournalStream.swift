// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Whether a standard stream leads to the journal, by $JOURNAL_STREAM; systemd.exec(5).
package enum JournalStream {
  /// True when standard error is the stream that systemd connected to the journal, and was not redirected since.
  package static func standardErrorIsJournal() -> Bool {
    leadsToJournal(STDERR_FILENO, variable: getenv("JOURNAL_STREAM").map { String(cString: $0) })
  }

  /// - Parameter variable: The value of JOURNAL_STREAM: device and inode in decimal, with a colon between.
  package static func leadsToJournal(_ descriptor: Int32, variable: String?) -> Bool {
    guard let parts = variable?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
      let device = UInt64(parts[0]), let inode = UInt64(parts[1])
    else { return false }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
  }
}
