// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What is wrong with a file of a reading, or with their directory. Nothing in it changes from one reading of
/// the file to the next, so that it can be told once.
package struct ReadingFileFault: Error, Hashable, Sendable {
  package enum Problem: Error, Hashable, Sendable {
    // Of the directory.

    /// It cannot be read, or is not there.
    case noDirectory(errno: Int32)
    /// Changes are not notified (inotify(7)).
    case unwatched(call: String, errno: Int32)
    /// More than `ReadingFileNames.most` names.
    case tooManyNames
    /// Further names that are no keys.
    case moreNames(count: Int)
    /// More than `ReadingWords.most` keys; the first of those beyond.
    case leftOut(ReadingKey, count: Int)

    // Of a file.

    /// Its name is no key.
    case name
    case isDirectory
    /// A FIFO, socket or device.
    case notRegular
    /// A symlink to nothing; where the last one points.
    case dangling(String)
    /// More symlinks after one another than `mostLinks`, or a circle of them.
    case links
    /// A symlink that its owner made to a file of somebody else's.
    case strangersLink(String)
    /// A call that failed (open(2), read(2)).
    case refused(call: String, errno: Int32)
    /// It does not return.
    case hangs
    case empty
    /// A line longer than a value.
    case tooLong
    case notPrintable
    /// The name is that of a sensor of this unit, and there is no integer.
    case noInteger(unit: String)
    /// Not written for so many nanoseconds.
    case expired(limit: Int64)
    /// Written later than now.
    case future
  }

  /// Symlinks that are followed from a name to its file.
  package static let mostLinks = 8

  /// Of the file or the directory.
  package var path: String
  package var problem: Problem

  package init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }
}

extension ReadingFileFault: Comparable {
  /// By path, then as text.
  package static func < (one: ReadingFileFault, other: ReadingFileFault) -> Bool {
    one.path == other.path ? one.problemText < other.problemText : one.path < other.path
  }
}

extension ReadingFileFault: CustomStringConvertible {
  /// One line: the file, what is wrong and what to do.
  package var description: String { "\(Printable.line(path)): \(problemText)" }

  private var problemText: String {
    switch problem {
    case .noDirectory(let errno):
      "the directory cannot be read: \(errnoText(errno)); make it, readable for the daemon's user, or see "
        + "readings.directory"
    case .unwatched(let call, let errno):
      "changes are seen only with the next heartbeat: \(call): \(errnoText(errno)); see "
        + "fs.inotify.max_user_instances and fs.inotify.max_user_watches"
    case .tooManyNames:
      "there are more than \(ReadingFileNames.most) names, and the rest is not looked at; it should have "
        + "nothing in it but readings"
    case .moreNames(let count): "\(count) more names are no readings; it should have nothing else in it"
    case .leftOut(let key, let count):
      "a host has at most \(ReadingWords.most) readings: \(key)"
        + (count > 1 ? " and \(count - 1) more are" : " is") + " left out; remove what nobody needs"
    case .name: "is not read: a file is named by its reading, which must be \(ReadingKey.accepted)"
    case .isDirectory: "is a directory; readings are files, or symlinks to files"
    case .notRegular:
      "is no regular file; have its value written to a file, which can be replaced by rename(2)"
    case .dangling(let target):
      "is a symlink to \(Printable.line(target)), which is not there; mend it, or see what should make it"
    case .links: "leads over more than \(Self.mostLinks) symlinks; point it at the file"
    case .strangersLink(let link):
      "leads by the symlink \(Printable.line(link)) to a file of another owner, as only symlinks of root and "
        + "the daemon's user may; point it at the file"
    case .refused(let call, let errno): "\(call): \(errnoText(errno)). \(ErrnoAdvice.readingFile(errno))"
    case .hangs: "reading it does not return; see the device or file system that it is on"
    case .empty: "its first line is empty; write a value, or ? for unknown"
    case .tooLong: "its first line is too long; a value must be \(ReadingValue.accepted)"
    case .notPrintable: "its first line is no text; a value must be \(ReadingValue.accepted)"
    case .noInteger(let unit):
      "has the name of a kernel's sensor, which is scaled to \(unit), and its first line is no integer; "
        + "give the file another name if it is none"
    case .expired(let limit):
      "was not written for \(DurationText.words(limit)) (readings.expire); see what should write it"
    case .future: "was written later than now; see the clock of the host that writes it, or touch it"
    }
  }
}
