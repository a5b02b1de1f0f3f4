// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file system in which every name is a file, and reading it does not return until told: `FUSE/hanging.py`.
package final class HangingFileSystem: Sendable {
  package static let need = "needs root and /dev/fuse, to mount a file system"

  /// Whether it can be mounted; where tests must not be skipped they run, and fail without it.
  package static let isAvailable =
    getenv("MCASTD_REQUIRE_SYSTEM_TESTS").map { String(cString: $0) } == "1"
    || geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0

  private let path: String
  private let process: pid_t
  /// The standard streams of the process.
  private let stream: Int32

  /// Blocks until it is mounted.
  ///
  /// - Parameter process: In whose mount namespace, for all users there; nil for ours, and ourselves.
  package init(at path: String, in process: pid_t? = nil) throws {
    self.path = path
    var ends: [Int32] = [-1, -1]
    // Other tests' children must not keep our end open.
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw TestFailure(call: "socketpair", errno: errno)
    }
    stream = ends[0]
    let program = "\(SourceTree.root)/Tests/TestSupport/FUSE/hanging.py"
    let command = ["python3", program, path] + (process.map { ["\($0)"] } ?? [])
    do {
      defer { close(ends[1]) }
      self.process = try Command.start(command, input: ends[1], output: ends[1])
    }
    guard try line() == "mounted" else { throw TestFailure("\(path) is not mounted") }
  }

  deinit {
    close(stream)
    Command.wait(for: process)
  }

  /// Has all reads return, and those that come.
  package func answer(_ text: String) throws {
    let line = Array("answer \(text)\n".utf8)
    guard write(stream, line, line.count) == line.count else {
      throw TestFailure(call: "write", errno: errno)
    }
  }

  /// The names of which something waits, each as often; since the last call.
  package func waiting() async throws -> [String] {
    try await OwnThread.value { [self] in
      var names: [String] = []
      var waits = pollfd(fd: stream, events: Int16(POLLIN), revents: 0)
      while poll(&waits, 1, 0) == 1 { names.append(try line()) }
      return names
    }
  }

  private func line() throws -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(stream, &byte, 1) == 1 {
      guard byte != UInt8(ascii: "\n") else { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    throw TestFailure("hanging.py has ended")
  }
}
