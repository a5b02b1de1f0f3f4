// SPDX-License-Identifier: Apache-2.0

import Platform

/// One check of the doctor. A new one is a file in `Checks` and a line in `all`.
struct DoctorCheck: Sendable {
  /// A word, or words with dashes: for the column and for scripts.
  let name: String
  private let examine: @Sendable (DoctorContext) -> [Result]

  /// A finding without the name of the check.
  struct Result {
    var status: DoctorFinding.Status
    var interface: String?
    var found: String
    var meaning: String?
    /// Alternatives, or steps: one line each.
    var actions: [String] = []

    static func ok(_ found: String, on interface: String? = nil) -> Result {
      Result(status: .ok, interface: interface, found: found)
    }

    static func warning(
      _ found: String, on interface: String? = nil, meaning: String, action: String...
    ) -> Result {
      Result(status: .warning, interface: interface, found: found, meaning: meaning, actions: action)
    }

    static func problem(
      _ found: String, on interface: String? = nil, meaning: String, action: String...
    ) -> Result {
      Result(status: .problem, interface: interface, found: found, meaning: meaning, actions: action)
    }

    static func problem(_ found: String, on interface: String? = nil, remedy: ErrnoAdvice.Remedy) -> Result {
      Result(
        status: .problem, interface: interface, found: found, meaning: remedy.meaning,
        actions: remedy.actions)
    }

    static func unknown(
      _ found: String, on interface: String? = nil, meaning: String, action: String...
    ) -> Result {
      Result(status: .unknown, interface: interface, found: found, meaning: meaning, actions: action)
    }
  }

  init(name: String, examine: @escaping @Sendable (DoctorContext) -> [Result]) {
    self.name = name
    self.examine = examine
  }

  /// Runs it on the calling thread. It changes nothing on the host.
  func run(_ context: DoctorContext) -> [DoctorFinding] {
    examine(context).map {
      DoctorFinding(
        status: $0.status, check: name, interface: $0.interface, found: $0.found, meaning: $0.meaning,
        actions: $0.actions)
    }
  }

  /// In the order of the layers; those that wait come last.
  static let all: [DoctorCheck] = [
    .interface, .route, .membership, .port, .receiveBuffer, .drops, .ttl, .firewall, .loopback, .reversePath,
    .reception, .querier,
  ]

  static let longestName = all.map(\.name.count).max() ?? 0
}
