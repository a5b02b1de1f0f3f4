// SPDX-License-Identifier: Apache-2.0

extension DoctorCheck {
  /// Did sockets on this port lose datagrams because their buffer was full (/proc/net/udp, /proc/net/udp6)?
  static let drops = DoctorCheck(name: "drops") { context in
    let groups = Set(context.plan.uses.filter(\.receives).map(\.group))
    guard !groups.isEmpty else { return [] }
    guard let sockets = context.before.sockets else {
      return [.unknown("/proc/net is hidden", meaning: "the drops of sockets cannot be seen")]
    }
    let bound = sockets.filter { socket in groups.contains(where: socket.isBound) }
    if bound.isEmpty { return [.ok("nobody has the port open now")] }
    let losing = bound.filter { $0.drops > 0 }
    if losing.isEmpty { return [.ok("no socket on the port has lost a datagram")] }
    return losing.prefix(10).map { socket in
      .warning(
        "\(SocketOwner.describe(socket)) lost \(socket.drops) datagrams at \(socket.local)",
        meaning: "its receive buffer was full", action: "a larger receive buffer", "or less to do for it")
    }
  }
}
