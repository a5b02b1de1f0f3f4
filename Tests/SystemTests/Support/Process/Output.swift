// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How a process ended.
enum ExitStatus: Equatable, Sendable {
  case exited(Int32)
  case killed(by: Int32)

  /// - Parameter status: as waitpid(2) gives it.
  init(waitStatus status: Int32) {
    let signal = status & 0x7f
    self = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(by: signal)
  }
}

/// What a process that ended left behind.
struct Output: Sendable, CustomStringConvertible {
  let arguments: [String]
  let status: ExitStatus
  let standardOutput: [UInt8]
  let standardError: [UInt8]

  var succeeded: Bool { status == .exited(0) }
  var text: String { String(decoding: standardOutput, as: UTF8.self) }
  var errorText: String { String(decoding: standardError, as: UTF8.self) }
  var lines: [String] { text.split(separator: "\n").map(String.init) }
  var errorLines: [String] { errorText.split(separator: "\n").map(String.init) }

  var description: String {
    "\(arguments.joined(separator: " ")): \(status)\n\(text)\(errorText)"
  }

  /// - Throws: ``CommandFailed`` unless the process exited with 0.
  @discardableResult
  func checked() throws -> Output {
    guard succeeded else { throw CommandFailed(output: self) }
    return self
  }
}

/// A command that had to succeed did not.
struct CommandFailed: Error, CustomStringConvertible {
  let output: Output
  var description: String { output.description }
}
