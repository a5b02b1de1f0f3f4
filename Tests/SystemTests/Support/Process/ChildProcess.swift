// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport

/// A running child: its output is read as it comes, lines and the exit can be awaited.
final class ChildProcess: LineSource {
  private struct State: Sendable {
    var output: [UInt8] = []
    var error: [UInt8] = []
    var openStreams = 2
    var status: ExitStatus?

    var hasEnded: Bool { openStreams == 0 && status != nil }
  }

  let arguments: [String]
  let processIdentifier: pid_t
  private let state = Observed(State())

  /// - Parameters:
  ///   - environment: added to ours.
  ///   - input: what the child reads from its standard input, then end of file.
  init(_ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []) throws {
    self.arguments = arguments
    let process = try spawn(arguments, environment: environment)
    processIdentifier = process.identifier

    OwnThread.run { [processIdentifier, state] in
      var status: Int32 = 0
      while waitpid(processIdentifier, &status, 0) == -1, errno == EINTR {}
      let ended = ExitStatus(waitStatus: status)
      state.update { $0.status = ended }
    }
    follow(process.output) { $0.output += $1 }
    follow(process.error) { $0.error += $1 }
    feed(input, to: process.input)
  }

  /// The lines of standard output so far, complete ones only.
  var lines: [String] { Self.lines(of: state.value.output) }

  /// The lines of standard error so far, complete ones only.
  var errorLines: [String] { Self.lines(of: state.value.error) }

  func send(signal: Int32) {
    // Once reaped, the number may be somebody else's.
    if state.value.status == nil { kill(processIdentifier, signal) }
  }

  func lines(
    within limit: Duration, until isEnough: @escaping @Sendable ([String]) -> Bool
  ) async -> [String]? {
    await state.wait(within: limit) { isEnough(Self.lines(of: $0.output)) }.map { Self.lines(of: $0.output) }
  }

  /// Waits for a line on standard error.
  ///
  /// - Throws: ``NeverHappened``.
  func errorLine(
    within limit: Duration = .seconds(10), where matches: @escaping @Sendable (String) -> Bool
  ) async throws {
    let reached = await state.wait(within: limit) { Self.lines(of: $0.error).contains(where: matches) }
    guard reached != nil else {
      throw NeverHappened(description: "no such line on standard error within \(limit) from \(report)")
    }
  }

  /// Waits for the end of the process and of its output.
  ///
  /// - Throws: ``NeverHappened``; the process is killed then.
  func exit(within limit: Duration = .seconds(30)) async throws -> Output {
    guard let end = await state.wait(within: limit, until: \.hasEnded), let status = end.status else {
      send(signal: SIGKILL)
      throw NeverHappened(description: "no exit within \(limit) of \(report)")
    }
    return Output(
      arguments: arguments, status: status, standardOutput: end.output, standardError: end.error)
  }

  /// Starts `arguments`, hands the process to `body`, and leaves none behind.
  static func running<T>(
    _ arguments: [String],
    environment: [String: String] = [:],
    _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    let process = try ChildProcess(arguments, environment: environment)
    defer { process.send(signal: SIGKILL) }
    return try await body(process)
  }

  var report: String {
    let state = state.value
    let text = String(decoding: state.output.suffix(2000) + state.error.suffix(2000), as: UTF8.self)
    return "\(arguments.joined(separator: " ")) (\(state.status.map { "\($0)" } ?? "running")):\n\(text)"
  }

  private static func lines(of bytes: [UInt8]) -> [String] {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    return bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func follow(_ stream: Int32, _ append: @escaping @Sendable (inout State, ArraySlice<UInt8>) -> Void)
  {
    OwnThread.run { [state] in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(stream, &buffer, buffer.count)
        if count == -1, errno == EINTR { continue }
        guard count > 0 else { break }
        let bytes = buffer[..<count]
        state.update { append(&$0, bytes) }
      }
      close(stream)
      state.update { $0.openStreams -= 1 }
    }
  }

  private func feed(_ input: [UInt8], to stream: Int32) {
    OwnThread.run {
      // A child that does not read its input is no reason to die: EPIPE instead of SIGPIPE, on this thread.
      var pipe = sigset_t()
      sigemptyset(&pipe)
      sigaddset(&pipe, SIGPIPE)
      pthread_sigmask(SIG_BLOCK, &pipe, nil)
      var rest = input[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(stream, $0.baseAddress, $0.count) }
        if count == -1, errno == EINTR { continue }
        guard count > 0 else { break }
        rest = rest.dropFirst(count)
      }
      close(stream)
    }
  }
}

extension ChildProcess {
  /// Runs a command to its end.
  ///
  /// - Throws: ``NeverHappened`` when it takes longer than `limit`.
  @discardableResult
  static func run(
    _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [],
    within limit: Duration = .seconds(30)
  ) async throws -> Output {
    try await ChildProcess(arguments, environment: environment, input: input).exit(within: limit)
  }
}
