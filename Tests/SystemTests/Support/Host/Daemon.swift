// SPDX-License-Identifier: Apache-2.0

/// `mcastd run` on a host of a test's own, with the test as its journal.
final class Daemon: Sendable {
  let process: ChildProcess
  private let journal: JournalStandIn

  fileprivate init(process: ChildProcess, journal: JournalStandIn) {
    self.process = process
    self.journal = journal
  }

  func send(signal: Int32) { process.send(signal: signal) }
}

extension NetworkNamespace {
  /// Runs the daemon on this host for the time of `body`.
  func daemon<T>(
    _ options: String..., environment: [String: String] = [:], _ body: (Daemon) async throws -> T
  ) async throws -> T {
    try await daemon(options, environment: environment, body)
  }

  func daemon<T>(
    _ options: [String], environment: [String: String] = [:], _ body: (Daemon) async throws -> T
  ) async throws -> T {
    try await JournalStandIn.with { journal in
      let command = journal.connecting([Repository.binary, "run"] + options)
      return try await ChildProcess.running(
        ["ip", "netns", "exec", name] + command, environment: environment
      ) { process in
        try await body(Daemon(process: process, journal: journal))
      }
    }
  }
}

/// Datagrams that it received.
extension Daemon: LineSource {
  /// The entries so far.
  var datagrams: [JournalEntry] { journal.contents.value.datagrams }

  /// Their messages.
  var lines: [String] { journal.contents.value.lines }

  func lines(
    within limit: Duration, until isEnough: @escaping @Sendable ([String]) -> Bool
  ) async -> [String]? {
    await journal.contents.wait(within: limit) { isEnough($0.lines) }?.lines
  }
}

/// What it tells the operator.
extension Daemon {
  /// All entries so far that are no datagram's.
  var events: [JournalEntry] { journal.contents.value.events }

  func events(_ id: String) -> [JournalEntry] { events.filter { $0["MESSAGE_ID"] == id } }

  /// Waits for an entry.
  ///
  /// - Parameters:
  ///   - id: its MESSAGE_ID; nil for any.
  ///   - position: how many of ``events`` are passed over.
  /// - Throws: ``NeverHappened``.
  @discardableResult
  func event(
    _ id: String? = nil, after position: Int = 0, within limit: Duration = .seconds(10),
    where isWanted: @escaping @Sendable (JournalEntry) -> Bool = { _ in true }
  ) async throws -> JournalEntry {
    let find = { @Sendable (contents: JournalStandIn.Contents) in
      contents.events.dropFirst(position).first { (id == nil || $0["MESSAGE_ID"] == id) && isWanted($0) }
    }
    let reached = await journal.contents.wait(within: limit) { find($0) != nil }
    guard let found = reached.flatMap(find) else {
      throw NeverHappened(description: "no entry \(id ?? "") within \(limit) of \(report)")
    }
    return found
  }

  /// The peers of which it has said this so far, each as often as it did, alone or with others in one entry.
  ///
  /// - Parameter id: ``EventID/peerDiscovered``, ``EventID/peerSilent`` or ``EventID/peerBack``.
  func toldPeers(_ id: String, on interface: String = "eth0") -> [String] {
    events(id).filter { $0["MCAST_INTERFACE"] == interface && $0["MCAST_PEER_STATE"] != nil }
      .flatMap { entry -> [String] in
        if let peer = entry["MCAST_PEER"] { return [peer] }
        return (entry["MCAST_PEERS"] ?? "").split(separator: ",").map(String.init)
      }
  }

  var report: String {
    let said = events.suffix(20).map(\.description) + lines.suffix(10) + process.errorLines.suffix(20)
    return "\(process.arguments.joined(separator: " ")), which said:\n" + said.joined(separator: "\n")
  }
}

/// What it takes of the machine.
extension Daemon {
  /// A line of proc_pid_status(5) in KiB.
  func memory(_ name: String) throws -> Int {
    let line = status(of: process.processIdentifier).first { $0.hasPrefix("\(name):") }
    guard let number = line?.firstMatch(of: /(\d+) kB/)?.1, let kibibytes = Int(number) else {
      throw NeverHappened(description: "no \(name) of \(process.arguments)")
    }
    return kibibytes
  }

  var openDescriptors: Int { entries(of: "/proc/\(process.processIdentifier)/fd").count }
}

private func status(of process: Int32) -> [String] { lines(of: "/proc/\(process)/status") }
