// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import Settings

/// A directory of one test's own, gone with it.
final class TemporaryDirectory {
  let path: String
  private var made: [String] = []

  init() throws {
    var template = Array("/tmp/mcastd-settings-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Refused(errno: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for path in made.reversed() { remove(path) }
    rmdir(path)
  }

  /// - Returns: the path of the file.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, bytes: Array(text.utf8))
  }

  @discardableResult
  func write(_ name: String, bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Refused(errno: errno) }
    defer { close(descriptor) }
    made.append(file)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Refused(errno: errno) }
    return file
  }

  @discardableResult
  func makeDirectory(_ name: String) throws -> String {
    let directory = path + "/" + name
    guard mkdir(directory, 0o700) == 0 else { throw Refused(errno: errno) }
    made.append(directory)
    return directory
  }

  func makeFIFO(_ name: String) throws {
    let fifo = path + "/" + name
    guard mkfifo(fifo, 0o600) == 0 else { throw Refused(errno: errno) }
    made.append(fifo)
  }

  func link(_ name: String, to target: String) throws {
    let link = path + "/" + name
    guard symlink(target, link) == 0 else { throw Refused(errno: errno) }
    made.append(link)
  }

  /// The text of a file anywhere.
  static func read(_ path: String) -> String? {
    guard case .read(let bytes) = FileBytes(path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  struct Refused: Error {
    var errno: Int32
  }
}
