// SPDX-License-Identifier: Apache-2.0

import CSystemd
import Glibc

/// A descriptor that systemd handed over: kept in the store over a restart, or of a socket unit. The receiver of this
/// value owns it and closes it.
package struct StoredDescriptor: Hashable, Sendable {
  package let name: DescriptorName
  package let descriptor: Int32

  package init(name: DescriptorName, descriptor: Int32) {
    self.name = name
    self.descriptor = descriptor
  }
}

/// The descriptors that systemd keeps for the service while it is not running: FileDescriptorStoreMax=,
/// systemd.service(5). It outlives a restart, a crash, daemon-reload and daemon-reexec, and ends with `systemctl stop`.
package struct DescriptorStore: Sendable {
  private let notifier: ServiceNotifier

  package init(notifier: ServiceNotifier = ServiceNotifier()) {
    self.notifier = notifier
  }

  /// Takes what systemd handed over, with O_NONBLOCK (a blocking one would hang the queue that drains it) and
  /// FD_CLOEXEC set.
  ///
  /// To be called once, before there are other threads: it takes LISTEN_FDS and its companions out of the environment,
  /// so that nobody can take the descriptors twice, and changing the environment is not safe beside a getenv(3).
  ///
  /// - Throws: `SystemdError.call` when the variables or a descriptor are unusable.
  package static func receive() throws(SystemdError) -> [StoredDescriptor] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = sd_listen_fds_with_names(1, &names)
    guard count >= 0 else {
      throw .call("sd_listen_fds_with_names", object: "LISTEN_FDS", errno: -count)
    }
    defer {
      for index in 0..<Int(count) { free(names?[index]) }
      free(names)
    }
    var stored: [StoredDescriptor] = []
    for index in 0..<count {
      let descriptor = SD_LISTEN_FDS_START + index
      let name = names?[Int(index)].map { String(cString: $0) } ?? ""
      // sd_listen_fds has set FD_CLOEXEC.
      let flags = fcntl(descriptor, F_GETFL)
      guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
        throw .call("fcntl", object: "descriptor \(descriptor) (\(name))", errno: errno)
      }
      stored.append(StoredDescriptor(name: DescriptorName(stored: name), descriptor: descriptor))
    }
    return stored
  }

  /// Puts a duplicate of the descriptor into the store. systemd drops one that it holds already under any name.
  /// FDPOLL=0, or it would let go of the socket at the first queued error, an ICMP message for one.
  ///
  /// - Throws: `SystemdError.call`; that systemd has room for it (FileDescriptorStoreMax=) cannot be told.
  package func store(_ descriptor: Int32, as name: DescriptorName) throws(SystemdError) {
    try notifier.send(["FDSTORE=1", "FDNAME=\(name)", "FDPOLL=0"], descriptors: [descriptor])
  }

  /// Takes all descriptors of this name out of the store.
  ///
  /// - Throws: `SystemdError.call`
  package func remove(_ name: DescriptorName) throws(SystemdError) {
    try notifier.send(["FDSTOREREMOVE=1", "FDNAME=\(name)"])
  }
}
