// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Testing

@testable import Facts

@Suite("Faults of files of readings")
struct ReadingFileFaultTests {
  private static let path = "/etc/mcastd/readings.d/ups.status"

  private func text(_ problem: ReadingFileFault.Problem, path: String = path) -> String {
    ReadingFileFault(path: path, problem: problem).description
  }

  @Test("each names the file, what is wrong and what to do, on one line")
  func texts() throws {
    let key = try #require(ReadingKey("zone.164"))
    let problems: [(ReadingFileFault.Problem, String)] = [
      (
        .noDirectory(errno: 2),
        "the directory cannot be read: No such file or directory (ENOENT); make it, readable for the daemon's "
          + "user, or see readings.directory"
      ),
      (
        .unwatched(call: "inotify_init1", errno: 24),
        "changes are seen only with the next heartbeat: inotify_init1: Too many open files (EMFILE); see "
          + "fs.inotify.max_user_instances and fs.inotify.max_user_watches"
      ),
      (
        .tooManyNames,
        "there are more than 1000 names, and the rest is not looked at; it should have nothing in it but "
          + "readings"
      ),
      (.moreNames(count: 7), "7 more names are no readings; it should have nothing else in it"),
      (
        .leftOut(key, count: 36),
        "a host has at most 64 readings: zone.164 and 35 more are left out; remove what nobody needs"
      ),
      (
        .leftOut(key, count: 1),
        "a host has at most 64 readings: zone.164 is left out; remove what nobody needs"
      ),
      (.name, "is not read: a file is named by its reading, which must be \(ReadingKey.accepted)"),
      (.isDirectory, "is a directory; readings are files, or symlinks to files"),
      (
        .notRegular,
        "is no regular file; have its value written to a file, which can be replaced by rename(2)"
      ),
      (
        .dangling("/run/ups/status"),
        "is a symlink to /run/ups/status, which is not there; mend it, or see what should make it"
      ),
      (.links, "leads over more than 8 symlinks; point it at the file"),
      (
        .strangersLink("/run/ups/status"),
        "leads by the symlink /run/ups/status to a file of another owner, as only symlinks of root and the "
          + "daemon's user may; point it at the file"
      ),
      (
        .refused(call: "open", errno: 13),
        "open: Permission denied (EACCES). The daemon's user must be able to read it, and to search the "
          + "directories before it."
      ),
      (.hangs, "reading it does not return; see the device or file system that it is on"),
      (.empty, "its first line is empty; write a value, or ? for unknown"),
      (.tooLong, "its first line is too long; a value must be 1 to 256 bytes of printable ASCII"),
      (.notPrintable, "its first line is no text; a value must be 1 to 256 bytes of printable ASCII"),
      (
        .noInteger(unit: "C"),
        "has the name of a kernel's sensor, which is scaled to C, and its first line is no integer; give the "
          + "file another name if it is none"
      ),
      (
        .expired(limit: 30_000_000_000),
        "was not written for 30.0 s (readings.expire); see what should write it"
      ),
      (.future, "was written later than now; see the clock of the host that writes it, or touch it"),
    ]
    for (problem, expected) in problems { #expect(text(problem) == "\(Self.path): \(expected)") }
  }

  @Test("names of files cannot break the line")
  func hostile() {
    let name = "a\n\u{1b}[2J\u{202e}" + String(repeating: "x", count: 300)
    for text in [text(.name, path: "/d/\(name)"), text(.dangling(name)), text(.strangersLink(name))] {
      #expect(text.unicodeScalars.allSatisfy { 0x20..<0x7f ~= $0.value || $0 == "…" })
      #expect(text.count < 400)
    }
  }

  @Test("they are in the order of their files")
  func order() {
    let faults = ["/d/b", "/d/a", "/d"].map { ReadingFileFault(path: $0, problem: .empty) }
    #expect(faults.sorted().map(\.path) == ["/d", "/d/a", "/d/b"])
  }
}
