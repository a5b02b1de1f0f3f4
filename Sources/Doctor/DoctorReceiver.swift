// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform

/// A receiver of the doctor's own for one use, with what the kernel said when it was made.
final class DoctorReceiver {
  let use: DoctorPlan.Use
  /// `nil` when the port could not be had.
  let receiver: MulticastReceiver?
  let bindError: MulticastError?
  /// By the interface's index: why it could not be joined there.
  private(set) var joinErrors: [UInt32: MulticastError] = [:]
  private(set) var joined: Set<UInt32> = []

  init(_ use: DoctorPlan.Use, interfaces: [NetworkInterface], sources: [IPAddress], receiveBuffer: Int) {
    self.use = use
    do throws(MulticastError) {
      receiver = try MulticastReceiver(group: use.group, receiveBuffer: receiveBuffer)
      bindError = nil
    } catch {
      receiver = nil
      bindError = error
    }
    guard let receiver else { return }
    let subscription = GroupSubscription(
      receiver, sources: sources.filter { $0.family == use.group.address.family })
    for change in subscription.follow(interfaces) {
      if case .refused(let interface, let error) = change { joinErrors[interface.index] = error }
    }
    joined = Set(subscription.interfaces.map(\.index))
  }
}
