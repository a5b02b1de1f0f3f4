// SPDX-License-Identifier: Apache-2.0

import Multicast
import Settings

/// Diagnoses why multicast does not work on this host (`mcastd doctor`).
///
/// It needs no daemon and changes nothing: it joins the group with sockets of its own, listens, and sends one
/// datagram with TTL 0 for each group and interface, which never leaves the host. CAP_NET_RAW (captures) and
/// CAP_NET_ADMIN (firewall rules) let it see more.
package enum Doctor {
  /// Runs all checks on the calling thread, and so in that thread's network namespace.
  ///
  /// - Parameters:
  ///   - progress: gets a line before each wait and every 10 s of it, for standard error. It does not escape,
  ///     but withoutActuallyEscaping(_:do:) would leave the length of this file's path in the program.
  ///   - onFinding: gets each finding at once; the last check may wait for two minutes.
  static func run(
    _ plan: DoctorPlan, progress: @escaping (String) -> Void, onFinding: (DoctorFinding) -> Void = { _ in }
  ) -> DoctorReport {
    let context: DoctorContext
    do throws(MulticastError) {
      context = try DoctorContext(plan, progress: progress)
    } catch {
      let finding = DoctorFinding(
        status: .problem, check: DoctorCheck.interface.name, found: "\(error)",
        meaning: "the kernel does not list its interfaces", actions: ["allow AF_NETLINK in the sandbox"])
      onFinding(finding)
      return DoctorReport(findings: [finding])
    }
    var findings: [DoctorFinding] = []
    for check in DoctorCheck.all {
      for finding in check.run(context) {
        findings.append(finding)
        onFinding(finding)
      }
    }
    return DoctorReport(findings: findings)
  }
}
