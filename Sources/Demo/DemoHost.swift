// SPDX-License-Identifier: Apache-2.0

import Control
import Facts
import Glibc
import Liveness
import Platform

/// A host: a directory with its files, and its daemon.
final class DemoHost {
  let name: String
  private let directory: String
  private var process: pid_t?

  /// - Parameter parent: The directory in which it has its own.
  init(_ name: String, in parent: String) {
    self.name = name
    directory = "\(parent)/\(name)"
  }

  // MARK: Its daemon

  /// Has the daemon end with us, however we end (util-linux, on each Debian).
  private static let setpriv = "/usr/bin/setpriv"

  /// Writes its files and starts its daemon, in the calling thread's network namespace.
  ///
  /// - Parameters:
  ///   - program: The path of mcastd.
  ///   - settings: Lines of its mcastd.conf, beside its name and directories.
  ///   - rule: What `fans-off.rule` says.
  func start(_ program: String, settings: [String], rule: String) throws(DemoFailure) {
    let (rules, readings) = ("\(directory)/rules.d", "\(directory)/readings.d")
    let lines = ["name=\(name)", "rules.directory=\(rules)", "readings.directory=\(readings)"] + settings
    var command = [program, "run", "--config", "\(directory)/mcastd.conf"]
    if access(Self.setpriv, X_OK) == 0 { command = [Self.setpriv, "--pdeathsig", "TERM", "--"] + command }
    // Without a system bus, so that it starts no unit of this machine.
    let environment =
      Spawn.environment + ["RUNTIME_DIRECTORY=\(directory)", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/dev/null"]
    process = try withSystem { () throws(FileFailure) in
      for path in [directory, rules, readings] where mkdir(path, 0o700) != 0 {
        throw FileFailure(call: "mkdir", path: path, errno: errno)
      }
      try RuntimeFile.replace("\(rules)/fans-off.rule", mode: 0o600, with: rule)
      try RuntimeFile.replace(
        "\(directory)/mcastd.conf", mode: 0o600, with: lines.map { $0 + "\n" }.joined())
      try setFans(areOn: true)
      let log = try OwnedDescriptor(opening: logPath, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
      return try log.withNumber { log throws(FileFailure) in
        try Spawn.start(
          command[0], Array(command.dropFirst()), environment: environment, output: log, errors: log)
      }
    }
  }

  private var logPath: String { "\(directory)/log" }

  /// The last line that its daemon wrote.
  private var lastLogLine: String {
    let text = (try? FileContents.read(logPath, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
    return text?.split(separator: "\n").last.map(String.init) ?? "it said nothing"
  }

  func send(_ signal: Int32) { if let process { kill(process, signal) } }

  /// - Throws: where the daemon has ended by itself.
  func check() throws(DemoFailure) {
    if hasEnded { throw .ended(host: name, log: lastLogLine) }
  }

  /// Whether there is no process any more.
  var hasEnded: Bool {
    guard let process else { return true }
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) != 0 else { return false }
    self.process = nil
    return true
  }

  // MARK: What it knows

  private var control: String { ControlSocket.path(in: directory) }

  /// Names of the hosts that it sees in one of the states.
  func sees(_ states: Set<PeerState>) -> Set<String> {
    peers { PeerState(rawValue: $0).map(states.contains) ?? false }
  }

  /// Whether it hears its own heartbeats.
  var hearsItself: Bool { peers { $0 == PeerReply.ownState } == [name] }

  private func peers(_ isMeant: (String) -> Bool) -> Set<String> {
    let reply = ControlClient.ask(.listPeers, as: PeersReply.self, path: control)
    return Set(reply?.peers.filter { isMeant($0.state) }.map(\.host) ?? [])
  }

  /// What it knows that hosts say and is good: `ups1 ups.status=OL`.
  var readings: Set<String> {
    let reply = ControlClient.ask(.listReadings, as: ReadingsReply.self, path: control)
    return Set(
      reply?.readings.filter { $0.quality == ReadingQuality.good.rawValue }.map {
        "\($0.host) \($0.key)=\($0.value)"
      } ?? [])
  }

  /// Has it say a reading, as `mcastd set KEY=VALUE` does.
  func say(_ key: String, _ value: String) throws(DemoFailure) {
    let parameters = ControlInterface.SetReadingsParameters(
      readings: [ControlInterface.NewReading(key: key, value: value)], forUsec: nil, test: nil)
    guard ControlClient.ask(.setReadings, parameters, as: SetReadingsReply.self, path: control) != nil else {
      throw .refused(host: name, call: "SetReadings")
    }
  }

  // MARK: Its fans

  private func setFans(areOn: Bool) throws(FileFailure) {
    try RuntimeFile.replace("\(directory)/fans", mode: 0o600, with: areOn ? "on\n" : "off\n")
  }

  /// Does what `fans-off.service` does on a real host: while the state is active the fans are off.
  ///
  /// - Returns: whether they run.
  func driveFans() throws(DemoFailure) -> Bool {
    let areOn = access("\(directory)/states/active/fans-off", F_OK) != 0
    try withSystem { () throws(FileFailure) in try setFans(areOn: areOn) }
    return areOn
  }
}
