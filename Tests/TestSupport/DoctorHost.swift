// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Multicast

/// A host of a test's own: a network namespace on a thread, joined by a veth pair to a switch in another,
/// which is a bridge that snoops and asks for members every second.
///
///     eth0 10.77.0.1 ─── port0 · br0 10.77.0.2
package final class DoctorHost {
  package static let isAvailable = ThreadNamespace.isAvailable
  package static let needs: String = "needs root, nft and nsenter, for network namespaces"

  /// Not every kernel is built with CONFIG_NET_VRF.
  package static let hasVRF: Bool = {
    guard isAvailable else { return false }
    return (try? Command.run(["unshare", "-n", "ip", "link", "add", "blue", "type", "vrf", "table", "10"]))?
      .status == 0
  }()

  /// The process that keeps the switch's namespace; it ends with its standard input.
  private let keeper: pid_t
  private let lifeline: Int32

  /// Runs `body` on a thread in the host's namespace, with what it spawns.
  package static func run<Result: Sendable>(
    _ body: @escaping @Sendable (DoctorHost) throws -> Result
  ) async throws -> Result {
    // Not on one of the few threads that all tests share: it would keep them waiting.
    try await withCheckedThrowingContinuation { continuation in
      OwnThread.run {
        continuation.resume(
          with: Swift.Result {
            try ThreadNamespace.enter()
            let host = try DoctorHost()
            defer { host.end() }
            return try body(host)
          })
      }
    }
  }

  fileprivate init() throws {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else { throw TestFailure("socketpair") }
    defer { close(ends[1]) }
    lifeline = ends[0]
    // `cat` says a word once it is in its namespace.
    keeper = try Command.start(
      ["unshare", "-n", "sh", "-c", "echo ready; exec cat >/dev/null"], input: ends[1], output: ends[1])
    var ready = [UInt8](repeating: 0, count: 6)
    guard recv(lifeline, &ready, 6, Int32(MSG_WAITALL)) == 6 else {
      throw TestFailure("unshare")
    }
    try run("ip link set lo up")
    try run("ip link add eth0 type veth peer name port0 netns \(keeper)")
    try run("ip address add 10.77.0.1/24 dev eth0")
    try atSwitch(
      "ip link add br0 type bridge mcast_snooping 1 mcast_querier 1 mcast_query_interval 100 "
        + "mcast_startup_query_interval 100")
    try atSwitch("ip link set port0 master br0 up")
    try atSwitch("ip address add 10.77.0.2/24 dev br0")
    try atSwitch("ip link set br0 up")
    // The kernel takes up to a second to see the carrier (linkwatch), and IPv6 one to try its address.
    try run("sysctl -qw net.ipv6.conf.eth0.accept_dad=0")
    let changes = DispatchSemaphore(value: 0)
    let monitor = try InterfaceMonitor(queue: DispatchQueue(label: "carrier")) { changes.signal() }
    monitor.activate()
    try run("ip link set eth0 up")
    while try InterfaceTable.read()[name: "eth0"]?.interface.isRunning != true {
      guard changes.wait(timeout: .now() + 10) == .success else { throw TestFailure("no carrier") }
    }
    monitor.cancel()
    try run("ip route add default via 10.77.0.2")
  }

  deinit {
    close(lifeline)
    Command.wait(for: keeper)
  }

  /// Runs a command in the host's namespace; words are parted by blanks.
  package func run(_ command: String) throws {
    try run(command.split(separator: " ").map(String.init))
  }

  package func run(_ command: [String]) throws {
    let result = try Command.run(command)
    guard result.status == 0 else {
      throw TestFailure("\(command.joined(separator: " ")): \(result.status)\n\(result.output)")
    }
  }

  /// Runs a command in the switch's namespace.
  package func atSwitch(_ command: String) throws { try run("nsenter -t \(keeper) -n \(command)") }

  /// Starts a sender in the switch's namespace that sends a datagram from `source` every 50 ms, until the
  /// test ends.
  package func send(from source: String, to group: String, port: UInt16) throws {
    try atSwitch("ip address add \(source)/32 dev br0")
    let program = """
      import socket, sys, time
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      s.bind(("\(source)", 0))
      s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.77.0.2"))
      end = time.monotonic() + 20
      while time.monotonic() < end:
          s.sendto(b"ATU", ("\(group)", \(port)))
          time.sleep(0.05)
      """
    senders.append(try Command.start(["nsenter", "-t", "\(keeper)", "-n", "python3", "-c", program]))
  }

  private var senders: [pid_t] = []

  fileprivate func end() {
    for sender in senders {
      kill(sender, SIGKILL)
      Command.wait(for: sender)
    }
  }
}
