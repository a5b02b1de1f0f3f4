// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Multicast
import Platform
import Settings

/// Tells of interfaces that the configuration names and that do not come.
extension Daemon {
  /// - Parameter missing: what is configured and points at no interface, each once.
  func tellOfMissing(_ missing: [InterfaceReference], in table: InterfaceTable) {
    let now = MonotonicClock.now()
    for reference in missingInterfaces.note(missing, now: now) {
      let fields = eventFields.merging(["MCAST_INTERFACE": "\(reference)"]) { $1 }
      events.report(
        .interfaceMissing, .warning,
        "\(MissingInterfaces.text(reference)), for 30 s now: nothing is sent or heard there. There are "
          + "\(MissingInterfaces.names(table)). The name is from \(origin(of: reference)): correct it "
          + "if it is wrong; the interface is taken into use as soon as it comes.", fields)
    }
    lookAgain(at: missingInterfaces.nextDue, now: now)
  }

  private func lookAgain(at due: Int64?, now: Int64) {
    guard let due, due < missingLook ?? .max else { return }
    missingLook = due
    executor.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(max(0, due - now)))) { [weak self] in
      guard let self else { return }
      Task { await self.lookAtMissing() }
    }
  }

  private func lookAtMissing() async {
    missingLook = nil
    await reconcile()
  }

  /// Where the configuration names it.
  private func origin(of reference: InterfaceReference) -> Origin {
    let key: Key =
      settings.subscribe.enabled && settings.subscribe.interfaces.names(reference)
      ? .subscribeInterface : .publishInterface
    return settings.effective.first { $0.key == key }?.origin ?? .default
  }
}

extension InterfaceChoice {
  fileprivate func names(_ reference: InterfaceReference) -> Bool {
    if case .listed(let references) = self { references.contains(reference) } else { false }
  }
}
