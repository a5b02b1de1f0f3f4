// SPDX-License-Identifier: Apache-2.0

extension DoctorCheck {
  /// Does the kernel grant the configured receive buffer?
  static let receiveBuffer = DoctorCheck(name: "receive-buffer") { context in
    guard let receiver = context.receptions.first(where: { $0.use.receives && $0.receiver != nil })?.receiver
    else { return [] }
    let wanted = context.plan.receiveBuffer
    let granted = receiver.grantedReceiveBuffer
    if granted >= wanted { return [.ok("\(granted) bytes are granted")] }
    return [
      .warning(
        "\(granted) of \(wanted) bytes are granted",
        meaning: "net.core.rmem_max is the limit; a burst that does not fit is lost",
        action: "sysctl net.core.rmem_max=\(wanted), and in /etc/sysctl.d to keep it")
    ]
  }
}
