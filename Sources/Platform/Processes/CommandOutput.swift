// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The output of a command, as `Spawn` starts it.
package enum CommandOutput {
  package enum Failure: Error, Equatable {
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
  package static func read(_ paths: [String], _ arguments: [String]) throws(Failure) -> [UInt8] {
    guard let path = paths.first(where: { access($0, X_OK) == 0 }) else { throw .notInstalled }
    guard let outputPipe = Pipe(), let errorPipe = Pipe() else { throw .gaveUp }
    let process = try? Spawn.start(
      path, arguments, output: outputPipe.writing.number, errors: errorPipe.writing.number)
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
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      reading = OwnedDescriptor(owning: ends[0])
      writing = OwnedDescriptor(owning: ends[1])
    }

    /// The end to read from; without the other one closed it would never come to an end of file.
    consuming func closingWriter() -> OwnedDescriptor { reading }
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
