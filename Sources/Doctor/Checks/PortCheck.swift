// SPDX-License-Identifier: Apache-2.0

import Glibc

extension DoctorCheck {
  /// Can the port be shared, or does somebody hold it without SO_REUSEADDR? A trial decides; /proc names the process.
  package static let port = DoctorCheck(name: "port") { context in
    context.receptions.filter(\.use.receives).map { reception in
      let group = reception.use.group
      let others = (context.before.sockets ?? []).filter { $0.isBound(for: group) }
      let names = others.prefix(5).map(SocketOwner.describe).joined(separator: ", ")
      guard let error = reception.bindError else {
        return .ok(names.isEmpty ? "\(group) is free" : "\(group) can be shared with \(names)")
      }
      switch error.errno {
      case EADDRINUSE:
        return .problem(
          names.isEmpty ? "\(group) is taken" : "\(group) is held by \(names)",
          meaning: "without SO_REUSEADDR it shares the port with nobody",
          action: "stop it", "or let it set SO_REUSEADDR", "or choose another port")
      case EACCES:
        return .problem(
          "\(error)", meaning: "ports below net.ipv4.ip_unprivileged_port_start take a privilege",
          action: "another port", "or AmbientCapabilities=CAP_NET_BIND_SERVICE in a drop-in")
      default:
        return .problem(
          "\(error)", meaning: "nothing can be received", action: "see the error's name in ip(7)")
      }
    }
  }
}
