// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a file of the runtime directory is not as it should be.
package struct FileFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// As in its man page.
  package var call: String
  package var path: String
  package var errno: Int32

  package init(call: String, path: String, errno: Int32) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  package var description: String { "\(call) \(path): \(errnoText(errno))" }

  /// What an operator can do.
  package var advice: String {
    switch errno {
    case ENOSPC, EDQUOT: "Make room in /run (`df -h /run`, `df -i /run`)."
    case EMFILE, ENFILE: "No file descriptors are left: see LimitNOFILE= and fs.file-max."
    case EACCES, EPERM, EROFS: "The directory must be writable for the daemon's user."
    case ENOENT, ENOTDIR: "Somebody removed the directory: `systemctl restart mcastd` makes it anew."
    default: "See `mcastd doctor`."
    }
  }
}

/// Says once that files cannot be written, and once that they can again.
package struct FileHealth: Sendable {
  package enum Change: Equatable, Sendable {
    case failing(FileFailure)
    case recovered
  }

  private var isFailing = false

  package init() {}

  /// - Parameter failure: what came of the last attempt; nil for success.
  package mutating func note(_ failure: FileFailure?) -> Change? {
    guard isFailing != (failure != nil) else { return nil }
    isFailing = failure != nil
    return failure.map { .failing($0) } ?? .recovered
  }
}

/// A small text in a file of the runtime directory, which systemd keeps over a restart, for the next process.
package struct RuntimeFile: Sendable {
  /// Bytes that are read at most.
  private static let longest = 65_536

  private let path: String?

  /// - Parameter directory: the runtime directory; nil keeps nothing.
  package init(_ name: String, directory: String?) { path = directory.map { "\($0)/\(name)" } }

  /// Nil where there is nothing that can be read.
  package func read() -> String? {
    guard let path else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Self.longest)
    // A regular file of this size is read at once (read(2)).
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }

  /// Replaces the file in one step.
  package func write(_ text: String) throws(FileFailure) {
    guard let path else { return }
    try Self.replace(path, mode: 0o644) { Console.write(Array(text.utf8), to: $0) }
  }

  /// Replaces a file in one step: nobody sees half of it, and where it cannot be written the old one stays.
  ///
  /// - Parameters:
  ///   - temporary: where it is written, in the same file system; `path` with `.new` after it if nil.
  ///   - write: writes it to a descriptor; returns 0, or errno.
  package static func replace(
    _ path: String, by temporary: String? = nil, mode: mode_t, _ write: (Int32) -> Int32
  ) throws(FileFailure) {
    let temporary = temporary ?? path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileFailure(call: "open", path: temporary, errno: errno) }
    // Readable by others where it is meant to be, whatever the umask.
    fchmod(descriptor, mode)
    let failure = write(descriptor)
    close(descriptor)
    guard failure == 0 else {
      unlink(temporary)
      throw FileFailure(call: "write", path: temporary, errno: failure)
    }
    guard rename(temporary, path) == 0 else {
      let failure = FileFailure(call: "rename", path: path, errno: errno)
      unlink(temporary)
      throw failure
    }
  }
}
