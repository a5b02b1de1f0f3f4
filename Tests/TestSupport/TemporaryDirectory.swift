// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// A directory of one test's own, removed with all that is in it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() throws {
    var template = Array("/tmp/mcastd-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFailure(call: "mkdtemp", errno: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      for name in (try? DirectoryNames.read(path)) ?? [] where name != "." && name != ".." {
        remove("\(path)/\(name)")
      }
    }
    _ = Glibc.remove(path)
  }

  /// - Returns: the path of the file.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String {
    try write(name, bytes: Array(text.utf8))
  }

  @discardableResult
  package func write(_ name: String, bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TestFailure(call: "open", errno: errno) }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw TestFailure(call: "write", errno: errno)
    }
    return file
  }

  @discardableResult
  package func makeDirectory(_ name: String) throws -> String {
    let directory = path + "/" + name
    guard mkdir(directory, 0o700) == 0 else { throw TestFailure(call: "mkdir", errno: errno) }
    return directory
  }

  package func makeFIFO(_ name: String) throws {
    guard mkfifo(path + "/" + name, 0o600) == 0 else { throw TestFailure(call: "mkfifo", errno: errno) }
  }

  package func link(_ name: String, to target: String) throws {
    guard symlink(target, path + "/" + name) == 0 else { throw TestFailure(call: "symlink", errno: errno) }
  }
}
