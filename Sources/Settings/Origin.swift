// SPDX-License-Identifier: Apache-2.0

import Platform

/// Where a value comes from.
package enum Origin: Hashable, Sendable {
  /// - Parameter flag: `--port`.
  case commandLine(flag: String)
  /// The name of the variable.
  case environment(String)
  /// - Parameter line: from 1; 0 for the file as a whole.
  case file(path: String, line: Int)
  /// The settings in force in a running daemon.
  ///
  /// - Parameter origin: where the value comes from in that daemon, in words.
  case daemon(origin: String)
  case `default`
}

extension Origin: CustomStringConvertible {
  /// `MCASTD_PORT in the environment`, `/etc/mcastd/mcastd.conf:3`.
  package var description: String {
    switch self {
    case .commandLine(let flag): "\(flag) on the command line"
    case .environment(let name): "\(Printable.line(name)) in the environment"
    case .file(let path, 0): Printable.line(path)
    case .file(let path, let line): "\(Printable.line(path)):\(line)"
    case .daemon(let origin): "\(Printable.line(origin)), of the running daemon"
    case .default: "default"
    }
  }

  /// The kind of source, for machines.
  package var kind: Kind {
    switch self {
    case .commandLine: .commandLine
    case .environment: .environment
    case .file: .file
    case .daemon: .daemon
    case .default: .default
    }
  }

  package enum Kind: String, Sendable {
    case commandLine = "command-line"
    case environment
    case file
    case daemon
    case `default`
  }
}
