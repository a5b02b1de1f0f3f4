// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Numbered datagrams, and what became of them.
extension Container {
  /// Sends `count` datagrams to the group, numbered from 0, while `body` runs, and waits until all are sent.
  ///
  /// - Parameter rate: datagrams a second.
  func burst(
    _ name: String, rate: Int, count: Int, _ options: String..., while body: () async throws -> Void = {}
  ) async throws {
    let arguments = ["--name", name, "--rate", "\(rate)", "--count", "\(count)"] + options
    try await ChildProcess.running(enteringNetwork("burst", arguments)) { sender in
      try await body()
      let limit = Duration.seconds(20 + count / rate)
      try await sender.exit(within: limit).checked()
    }
  }

  /// The entries that a burst has in the journal: how often each number is there.
  func logged(_ name: String) async throws -> LoggedBurst {
    try await syncJournal()
    let entries = try await journal([
      "--output-fields=MCAST_PAYLOAD", "MESSAGE_ID=\(EventID.received)", "MCAST_KIND=datagram",
    ])
    var burst = LoggedBurst()
    for entry in entries {
      let words = (entry["MCAST_PAYLOAD"] ?? "").split(separator: " ")
      guard words.count == 3, words[0] == "burst", words[1] == name, let number = Int(words[2]) else {
        continue
      }
      burst.times[number, default: 0] += 1
    }
    return burst
  }

  /// How many received datagrams each process of the daemon has in the journal.
  func loggedByProcess(after position: UInt64 = 0) async throws -> [String: Int] {
    try await syncJournal()
    let matches = ["--output-fields=_PID", "MESSAGE_ID=\(EventID.received)"]
    return try await journal(after: position, matches).reduce(into: [:]) {
      $0[$1["_PID"] ?? "", default: 0] += 1
    }
  }

  /// What `mcastd status --json` says.
  func status(_ options: String...) async throws -> DaemonStatus {
    let process = try ChildProcess(inside(["mcastd", "status", "--json"] + options))
    let output = try await process.exit(within: .seconds(10)).checked()
    return try JSONDecoder().decode(DaemonStatus.self, from: Data(output.standardOutput))
  }

  /// The daemon's receive sockets on a port, as the kernel numbers them: a number is never given twice.
  func receiveSockets(port: Int = 5001) async throws -> Set<String> {
    let output = try await run("ss", "-H", "-u", "-a", "-n", "-e", "( sport = :\(port) )").checked()
    return Set(output.lines.compactMap { $0.firstMatch(of: /sk:([0-9a-f]+)/).map { String($0.1) } })
  }

  /// Waits until the daemon has handed all that it received to the journal.
  @discardableResult
  func settled(within limit: Duration = .seconds(10)) async throws -> DaemonStatus {
    var before = -1
    return try await eventually("an empty queue", within: limit) {
      let status = try await status()
      defer { before = status.received }
      // Beats go on, one a second; the burst does not.
      return status.queued == 0 && status.received - before <= 1 ? status : nil
    }
  }

  /// A line of proc_pid_status(5), in bytes.
  func memory(of process: String, _ name: String) async throws -> Int {
    let output = try await run("cat", "/proc/\(process)/status").checked()
    let line = output.lines.first { $0.hasPrefix("\(name):") } ?? ""
    guard let found = line.firstMatch(of: /(\d+) kB/), let kibibytes = Int(found.1) else {
      throw NeverHappened(description: "no \(name) in \(output)")
    }
    return kibibytes * 1024
  }

  func mainProcess(of unit: String = "mcastd.service") async throws -> String {
    try await properties(of: unit, "MainPID")["MainPID"] ?? ""
  }
}

/// Which numbers of a burst are in the journal.
struct LoggedBurst: Sendable {
  var times: [Int: Int] = [:]

  func missing(of count: Int) -> [Int] { (0..<count).filter { times[$0] == nil } }
  var repeated: [Int] { times.filter { $0.value > 1 }.keys.sorted() }
}

/// The parts of `status --json` that tests look at.
struct DaemonStatus: Decodable, Sendable {
  struct Setting: Decodable, Sendable {
    var value: String
    var origin: String
  }

  struct Membership: Decodable, Sendable {
    var group: String
    var port: Int
    var interface: String
  }

  var version: String
  var received: Int
  var logged: Int
  var summarised: Int
  var queued: Int
  var kernelDropped: Int
  var sent: Int
  var sendFailed: Int
  var memberships: [Membership]
  var settings: [String: Setting]

  var isBalanced: Bool { received == logged + summarised + queued }
}
