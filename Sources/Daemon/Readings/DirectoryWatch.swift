// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Changes of names in directories, and of the files that have them: inotify(7).
final class DirectoryWatch: Sendable {
  /// What happened to a name in a directory, or to a directory.
  struct Event: Equatable {
    /// The number that `add` returned; -1 in an overflow.
    var watch: Int32
    var mask: UInt32
    /// Empty where it is of the directory itself.
    var name: String

    /// Whether events were lost.
    var isOverflow: Bool { mask & UInt32(IN_Q_OVERFLOW) != 0 }
    /// Whether the watch is gone.
    var isEnd: Bool { mask & UInt32(IN_IGNORED) != 0 }
    /// Whether names have come or gone.
    var isOfNames: Bool {
      mask & UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO) != 0
    }
    /// Whether a name is gone.
    var isRemoval: Bool { mask & UInt32(IN_DELETE | IN_MOVED_FROM) != 0 }
  }

  /// Not IN_MODIFY: what is being written would be read before it is complete. A file that is made is read at
  /// once all the same, since it may be a link.
  private static let mask =
    UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB)
    | UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK)
  /// Bytes that are read at once: hundreds of events.
  private static let chunk = 16 << 10

  let descriptor: Descriptor

  /// - Throws: `FileFailure` of inotify_init1(2): EMFILE where the user has too many.
  init() throws(FileFailure) {
    let number = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard number >= 0 else { throw FileFailure(call: "inotify_init1", path: "", errno: errno) }
    descriptor = Descriptor(number)
  }

  /// Watches a directory; one that is watched already keeps its number. Waits where the file system does.
  ///
  /// - Throws: `FileFailure` of inotify_add_watch(2): ENOSPC where the user has too many watches.
  func add(_ path: String) throws(FileFailure) -> Int32 {
    let watch = inotify_add_watch(descriptor.number, path, Self.mask)
    guard watch >= 0 else { throw FileFailure(call: "inotify_add_watch", path: path, errno: errno) }
    return watch
  }

  func remove(_ watch: Int32) { inotify_rm_watch(descriptor.number, watch) }

  /// The events that wait, or some of them.
  func read() -> [Event] {
    withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 8) { buffer in
      let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
      return count > 0 ? Self.events(in: UnsafeRawBufferPointer(rebasing: buffer[..<count])) : []
    }
  }

  /// `struct inotify_event`, one after the other.
  static func events(in bytes: UnsafeRawBufferPointer) -> [Event] {
    var events: [Event] = []
    var rest = bytes[...]
    while rest.count >= MemoryLayout<inotify_event>.size {
      let head = UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: inotify_event.self)
      rest = rest.dropFirst(MemoryLayout<inotify_event>.size)
      let name = rest.prefix(Int(head.len))
      rest = rest.dropFirst(Int(head.len))
      events.append(
        Event(watch: head.wd, mask: head.mask, name: String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
      )
    }
    return events
  }
}
