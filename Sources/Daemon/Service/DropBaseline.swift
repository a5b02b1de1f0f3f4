// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Up to which drop count of the stored receive socket the drops are accounted for, in a small file that outlives
/// the process: drops while the daemon was down are seen by its heir, and none is counted twice.
///
/// The file names the socket by its cookie, a number that no other socket of this boot has.
struct DropBaseline: Sendable {
  private let path: String?
  private var written: (cookie: UInt64, drops: UInt32)?

  /// - Parameter directory: the runtime directory, which systemd keeps over a restart; nil keeps nothing.
  init(directory: String?) { path = directory.map { $0 + "/receiver-drops" } }

  /// The count that was accounted for, if it was of this very socket.
  func read(cookie: UInt64) -> UInt32? {
    guard let path else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let words = String(decoding: bytes[..<count], as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard words.count == 2, UInt64(words[0]) == cookie else { return nil }
    return UInt32(words[1])
  }

  /// Replaces the file in one step: one write of a few bytes that rename(2) puts in place. Does nothing when it says so
  /// already.
  mutating func write(cookie: UInt64, drops: UInt32) {
    guard let path, written.map({ $0 != (cookie, drops) }) ?? true else { return }
    written = (cookie, drops)
    let next = path + ".new"
    let descriptor = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    let text = Array("\(cookie) \(drops)\n".utf8)
    let count = Glibc.write(descriptor, text, text.count)
    close(descriptor)
    if count == text.count { rename(next, path) }
  }
}
