// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The output of a command, as `Spawn` starts it.
package enum CommandOutput {
  package enum Failure: Error, Equatable {
    /// None of the paths is there.
    case notInstalled
    /// It ended with this status, or 128 + signal; `message` is from standard error.
    case failed(status: Int32, message: String)
    /// It could not be started; with the call and errno.
    case notStarted(FileFailure)
    /// It exceeded the limit of time or of output.
    case gaveUp
  }

  /// Runs it in the calling thread's network namespace, reads what it prints for at most 10 s and
  /// 64 MiB, and waits for its end.
  ///
  /// - Parameters:
  ///   - paths: candidates; the first that is executable is run.
  package static func read(_ paths: [String], _ arguments: [String]) throws(Failure) -> [UInt8] {
    guard let path = paths.first(where: { access($0, X_OK) == 0 }) else { throw .notInstalled }
    guard let outputPipe = Pipe(), let errorPipe = Pipe() else {
      throw .notStarted(FileFailure(call: "pipe", path: path, errno: errno))
    }
    let process: pid_t
    do throws(FileFailure) {
      process = try Spawn.start(
        path, arguments, output: outputPipe.writing.number, errors: errorPipe.writing.number)
    } catch {
      throw .notStarted(error)
    }
    let output = outputPipe.closingWriter()
    let errors = errorPipe.closingWriter()
    let texts = output.withNumber { output in errors.withNumber { drain([output, $0]) } }
    if texts == nil { kill(process, SIGKILL) }
    let status = ChildProcess.status(of: process)
    guard let texts else { throw .gaveUp }
    guard status == 0 else {
      throw .failed(status: status, message: String(decoding: texts[1].prefix(200), as: UTF8.self))
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
