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
  package private(set) var joined: Set<UInt32> = []

  init(_ use: DoctorPlan.Use, interfaces: [UInt32], sources: [IPAddress], receiveBuffer: Int) {
    self.use = use
    do throws(MulticastError) {
      receiver = try MulticastReceiver(group: use.group, receiveBuffer: receiveBuffer)
      bindError = nil
    } catch {
      receiver = nil
      bindError = error
    }
    guard let receiver else { return }
    for index in interfaces {
      do throws(MulticastError) {
        let sources = sources.filter { $0.family == use.group.address.family }
        try receiver.join(interfaceIndex: index, sources: sources)
        joined.insert(index)
      } catch {
        joinErrors[index] = error
      }
    }
  }

  /// The socket's inode, by which it is found in /proc/net/udp.
  var inode: UInt64? {
    guard let receiver else { return nil }
    var status = stat()
    return fstat(receiver.descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
  }
}
