// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A small text file in the runtime directory, which systemd keeps over a restart: state handed to the next
/// process.
package struct RuntimeFile: Sendable {
  /// Bytes that are read at most.
  private static let longest = 65_536

  private let path: String?

  /// - Parameter directory: the runtime directory; nil keeps nothing.
  package init(_ name: String, directory: String?) { path = directory.map { "\($0)/\(name)" } }

  /// Nil for a file that is empty or cannot be read.
  package func read() -> String? {
    guard let path, let bytes = try? FileContents.read(path, limit: Self.longest, onlyRegular: true),
      !bytes.isEmpty
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Replaces the file atomically.
  ///
  /// - Throws: `FileFailure` of open(2), write(2) or rename(2).
  package func write(_ text: String) throws(FileFailure) {
    guard let path else { return }
    try Self.replace(path, mode: 0o644, with: text)
  }

  /// Replaces a file atomically (rename(2)); on failure the old one stays.
  ///
  /// - Parameters:
  ///   - temporary: where it is written, in the same file system; `path` with `.new` after it if nil.
  ///   - mode: of the file, whatever the umask.
  ///   - write: writes it to a descriptor; returns 0, or errno.
  /// - Throws: `FileFailure` of open(2), write(2) or rename(2).
  package static func replace(
    _ path: String, by temporary: String? = nil, mode: mode_t, _ write: (Int32) -> Int32
  ) throws(FileFailure) {
    let temporary = temporary ?? path + ".new"
    let failure = try make(temporary, mode: mode, write)
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

  /// Replaces a file atomically by one with a text.
  ///
  /// - Throws: `FileFailure` of open(2), write(2) or rename(2).
  package static func replace(_ path: String, mode: mode_t, with text: String) throws(FileFailure) {
    try replace(path, mode: mode) { FileContents.write(Array(text.utf8), to: $0) }
  }

  /// Removes a file, which need not be there.
  ///
  /// - Throws: `FileFailure` of unlink(2).
  package static func remove(_ path: String) throws(FileFailure) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw FileFailure(call: "unlink", path: path, errno: errno)
    }
  }

  /// Makes a file, or empties the one that is there, and writes it.
  ///
  /// - Returns: what `write` returned.
  /// - Throws: `FileFailure` of open(2).
  private static func make(
    _ path: String, mode: mode_t, _ write: (Int32) -> Int32
  ) throws(FileFailure) -> Int32 {
    let file = try OwnedDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    fchmod(file.number, mode)
    return file.withNumber(write)
  }
}
