// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A booted Debian, this machine's unless told, with its real systemd and journald, in namespaces of its own.
/// Its file system is the release's common tree under an overlay in memory: whatever happens inside is gone
/// with it.
final class Container: Sendable {
  enum Network: Sendable {
    /// Nothing but lo.
    case loopbackOnly
    /// A host that the test made, on whatever wires it put there.
    case namespace(NetworkNamespace)
  }

  /// The container of the suite that runs (``RunsInContainer``).
  @TaskLocal private static var shared: Container?

  /// - Throws: ``NeverHappened`` in a suite without `.container`.
  static var current: Container {
    get throws {
      guard let shared else { throw NeverHappened(description: "this suite has no container") }
      return shared
    }
  }

  let name: String
  /// The container's PID 1, as the host numbers it.
  let leader: pid_t
  private let supervisor: ChildProcess

  /// The container's root directory, seen from here.
  var root: String { "/proc/\(leader)/root" }

  /// Boots a container for the time of `body`.
  static func running<T>(
    on release: DebianRelease = .machine, network: Network = .loopbackOnly,
    _ body: (Container) async throws -> T
  ) async throws -> T {
    let container = try await boot(release, network: network)
    let result: T
    do {
      result = try await body(container)
    } catch {
      await container.stop()
      throw error
    }
    await container.stop()
    return result
  }

  /// Boots one with mcastd installed, and makes it ``current`` for the time of `body`.
  static func sharing(_ body: () async throws -> Void) async throws {
    try await running { container in
      try await container.install()
      try await $shared.withValue(container) { try await body() }
    }
  }

  private init(name: String, leader: pid_t, supervisor: ChildProcess) {
    self.name = name
    self.leader = leader
    self.supervisor = supervisor
  }

  private static func boot(_ release: DebianRelease, network: Network) async throws -> Container {
    let tree = try await ContainerTree.path(of: release)
    let testRun = try TestRun.current.get()
    let name = testRun.uniqueName(release.rawValue)
    let notification = try BootNotification(path: "\(testRun.directory)/\(name)")
    let networkArgument =
      switch network {
      case .loopbackOnly: "--private-network"
      case .namespace(let namespace): "--network-namespace-path=\(namespace.path)"
      }
    let supervisor = try ChildProcess(
      [
        Repository.path("/Tests/SystemTests/Peers/in-own-cgroup"), name,
        "systemd-nspawn", "--directory=\(tree)", "--boot", "--machine=\(name)",
        // --read-only shares the tree's lock; the overlay is writable all the same.
        "--read-only", "--volatile=overlay",
        // There may be no systemd outside to register with.
        "--register=no", "--keep-unit", "--notify-ready=yes",
        // Without bpf(2) IPAddressDeny= is silently not enforced.
        "--capability=CAP_BPF", "--system-call-filter=bpf",
        "--link-journal=no", "--resolv-conf=off", "--timezone=off", networkArgument,
      ],
      environment: [
        "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "NOTIFY_SOCKET": notification.path,
      ])
    do {
      let leader = try await notification.wait(within: .seconds(60))
      return Container(name: name, leader: leader, supervisor: supervisor)
    } catch {
      supervisor.send(signal: SIGKILL)
      let console = try await supervisor.exit().description
      throw NeverHappened(description: "\(error)\n\(console)")
    }
  }

  /// Ends it like a machine whose power fails, and leaves nothing behind.
  private func stop() async {
    kill(leader, SIGKILL)
    _ = try? await supervisor.exit(within: .seconds(10))
    for hierarchy in controlGroupHierarchies { removeControlGroup("\(hierarchy)/\(name)") }
  }

  // MARK: Commands

  /// Before a command, for a user without any rights.
  static let asNobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]

  /// `arguments` as it must be written to run inside, with a clean environment.
  ///
  /// - Parameter seesProcesses: also enters the namespace of processes, for which nsenter(1) must fork:
  ///   signals then reach nsenter instead of the command.
  func inside(
    _ arguments: [String], environment: [String: String] = [:], seesProcesses: Bool = true
  ) -> [String] {
    let variables = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"]
      .merging(environment) { $1 }
    let namespaces = seesProcesses ? ["--all"] : ["--mount", "--uts", "--ipc", "--net", "--cgroup"]
    return ["nsenter", "--target=\(leader)"] + namespaces + ["--root", "--wdns=/", "env", "-i"]
      + variables.map { "\($0.key)=\($0.value)" } + arguments
  }

  /// Runs a command inside to its end, as root.
  @discardableResult
  func run(
    _ arguments: String..., environment: [String: String] = [:], input: [UInt8] = [],
    within limit: Duration = .seconds(30)
  ) async throws -> Output {
    let process = try ChildProcess(inside(arguments, environment: environment), input: input)
    return try await process.exit(within: limit)
  }

  /// Starts a command inside, and leaves none behind.
  func running<T>(
    _ arguments: String..., environment: [String: String] = [:],
    _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await ChildProcess.running(
      inside(arguments, environment: environment, seesProcesses: false), body)
  }

  /// Runs one of the test's own Python programs with this machine's Python in the container's network.
  @discardableResult
  func peer(_ name: String, _ arguments: String..., input: [UInt8] = []) async throws -> Output {
    try await ChildProcess.run(enteringNetwork(name, arguments), input: input)
  }

  /// The same, while `body` runs.
  @discardableResult
  func peer<T>(
    _ name: String, _ arguments: String..., body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await ChildProcess.running(enteringNetwork(name, arguments), body)
  }

  func enteringNetwork(_ program: String, _ arguments: [String]) -> [String] {
    ["nsenter", "--target=\(leader)", "--net", "python3", "-u", Repository.peer(program)] + arguments
  }
}
