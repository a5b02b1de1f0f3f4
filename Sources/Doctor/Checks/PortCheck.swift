// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

extension DoctorCheck {
  /// Can the port be shared, or does a process hold it without SO_REUSEADDR? A trial bind decides; /proc
  /// names the process.
  static let port = DoctorCheck(name: "port") { context in
    context.receptions.filter(\.use.receives).map { reception in
      let group = reception.use.group
      let others = (context.before.sockets ?? []).filter { $0.isBound(for: group) }
      let names = others.prefix(5).map(SocketOwner.describe).joined(separator: ", ")
      guard let error = reception.bindError else {
        return .ok(names.isEmpty ? "\(group) is free" : "\(group) can be shared with \(names)")
      }
      let holder = names.isEmpty ? "\(group) is taken" : "\(group) is held by \(names)"
      return .problem(
        error.errno == EADDRINUSE ? holder : "\(error)", remedy: ErrnoAdvice.bind(error.errno))
    }
  }
}
