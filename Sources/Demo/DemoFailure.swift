// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why the demonstration cannot go on.
enum DemoFailure: Error, Equatable {
  /// A call of the system failed.
  case system(FileFailure)
  /// A command failed.
  case command(String, message: String)
  /// A host's daemon ended; `log` is what it said last.
  case ended(host: String, log: String)
  /// What should be seen was not, in `seconds`.
  case notSeen(String, seconds: Int64)
  /// A host's daemon did not do what it was told.
  case refused(host: String, call: String)
  /// A signal came that ends programs.
  case interrupted(Int32)
}

extension DemoFailure: CustomStringConvertible {
  var description: String {
    switch self {
    case .system(let failure): "\(failure)"
    case .command(let command, let message): "`\(command)` failed: \(message)"
    case .ended(let host, let log): "the daemon of \(host) ended: \(log)"
    case .notSeen(let what, let seconds): "\(what) was not seen within \(seconds) s"
    case .refused(let host, let call): "the daemon of \(host) did not answer \(call)"
    case .interrupted: "interrupted"
    }
  }
}

/// Calls `body`, whose failures are the system's.
func withSystem<Result>(_ body: () throws(FileFailure) -> Result) throws(DemoFailure) -> Result {
  do throws(FileFailure) { return try body() } catch { throw .system(error) }
}
