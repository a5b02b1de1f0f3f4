// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Journal

struct JournalStreamTests {
  @Test("a stream is the journal's when device and inode are those of JOURNAL_STREAM")
  func matches() throws {
    var pair: [Int32] = [-1, -1]
    try #require(pipe(&pair) == 0)
    defer { for descriptor in pair { close(descriptor) } }
    var status = stat()
    try #require(fstat(pair[0], &status) == 0)
    let (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    #expect(JournalStream.leadsToJournal(pair[0], variable: "\(device):\(inode)"))
    #expect(!JournalStream.leadsToJournal(pair[0], variable: "\(device):\(inode + 1)"))
    #expect(!JournalStream.leadsToJournal(pair[0], variable: "\(device + 1):\(inode)"))
    for variable in [nil, "", ":", "\(device)", "\(device):", "\(device):\(inode):0", "x:y"] {
      #expect(!JournalStream.leadsToJournal(pair[0], variable: variable))
    }
    #expect(!JournalStream.leadsToJournal(-1, variable: "\(device):\(inode)"))
  }

  @Test("standard error is compared with the variable of the environment")
  func standardError() async {
    await #expect(processExitsWith: .success) {
      unsetenv("JOURNAL_STREAM")
      #expect(!JournalStream.standardErrorIsJournal())
      var status = stat()
      try #require(fstat(2, &status) == 0)
      setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
      #expect(JournalStream.standardErrorIsJournal())
    }
  }
}
