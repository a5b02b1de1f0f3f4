// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The output of a read-only command. No shell is involved, and the environment is fixed.
enum CommandOutput {
  enum Failure: Error, Equatable {
    /// None of the paths is there.
    case notInstalled
    /// It ended with this status; `message` is from standard error.
    case failed(status: Int32, message: String)
    /// It exceeded the limit of time or of output.
    case gaveUp
  }

  /// Runs it in the calling thread's network namespace, for at most 10 s and 64 MiB.
  ///
  /// - Parameters:
  ///   - paths: candidates; the first that is executable is run.
  static func read(_ paths: [String], _ arguments: [String]) throws(Failure) -> [UInt8] {
    guard let path = paths.first(where: { access($0, X_OK) == 0 }) else { throw .notInstalled }
    guard let outputPipe = Pipe(), let errorPipe = Pipe() else { throw .gaveUp }
    let process = start(path, arguments, output: outputPipe, errors: errorPipe)
    let output = outputPipe.closingWriter()
    let errors = errorPipe.closingWriter()
    guard let process else { throw .gaveUp }
    let texts = output.withNumber { output in errors.withNumber { drain([output, $0]) } }
    if texts == nil { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard let texts else { throw .gaveUp }
    // WIFEXITED and WEXITSTATUS of wait(2).
    let code = status & 0x7f == 0 ? (status >> 8) & 0xff : -1
    guard code == 0 else {
      throw .failed(status: code, message: String(decoding: texts[1].prefix(200), as: UTF8.self))
    }
    return texts[0]
  }

  /// The two ends of a pipe(2).
  private struct Pipe: ~Copyable {
    let reading: OwnedDescriptor
    let writing: OwnedDescriptor

    /// `nil` where no descriptors are left.
    init?() {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { return nil }
      reading = OwnedDescriptor(owning: ends[0])
      writing = OwnedDescriptor(owning: ends[1])
    }

    var numbers: [Int32] { [reading.number, writing.number] }

    /// The end to read from; without the other one closed it would never come to an end of file.
    consuming func closingWriter() -> OwnedDescriptor { reading }
  }

  private static func start(
    _ path: String, _ arguments: [String], output: borrowing Pipe, errors: borrowing Pipe
  ) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing.number, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.writing.number, 2)
    for end in output.numbers + errors.numbers { posix_spawn_file_actions_addclose(&actions, end) }
    var vector = cStrings([path] + arguments)
    var environment = cStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"])
    defer { for word in vector + environment { free(word) } }
    var process = pid_t()
    return posix_spawn(&process, path, &actions, nil, &vector, &environment) == 0 ? process : nil
  }

  /// With the terminating NULL of execve(2).
  private static func cStrings(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
    words.map { (word: String) -> UnsafeMutablePointer<CChar>? in strdup(word) } + [nil]
  }

  /// Reads all to their ends; `nil` beyond 10 s or 64 MiB.
  private static func drain(_ descriptors: [Int32]) -> [[UInt8]]? {
    let end = ContinuousClock.now + .seconds(10)
    var texts = descriptors.map { _ in [UInt8]() }
    var open = Set(descriptors.indices)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while !open.isEmpty {
      let rest = end - .now
      guard rest > .zero else { return nil }
      for index in open.sorted() {
        let limit = Duration.milliseconds(open.count == 1 ? 1000 : 20)
        guard Poll.wait(for: POLLIN, on: [descriptors[index]], atMost: limit) > 0 else { continue }
        let count = Glibc.read(descriptors[index], &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { open.remove(index) } else { texts[index] += buffer[..<count] }
        guard texts[index].count < 64 << 20 else { return nil }
      }
    }
    return texts
  }
}
