// SPDX-License-Identifier: Apache-2.0

import CSystemd
import Glibc

/// A descriptor that systemd passed in: from the store, or of a socket unit. Owned, and to be closed, by
/// whoever takes this value.
package struct StoredDescriptor: Hashable, Sendable {
  package let name: DescriptorName
  package let descriptor: Int32

  package init(name: DescriptorName, descriptor: Int32) {
    self.name = name
    self.descriptor = descriptor
  }
}

/// systemd's descriptor store of the service: FileDescriptorStoreMax=, systemd.service(5). It survives a
/// restart, a crash, daemon-reload and daemon-reexec, and ends with `systemctl stop`.
package struct DescriptorStore: Sendable {
  private let notifier: ServiceNotifier

  package init(notifier: ServiceNotifier = ServiceNotifier()) {
    self.notifier = notifier
  }

  /// Takes the descriptors that systemd passed in, and sets O_NONBLOCK (a blocking one would hang the queue
  /// that drains it) and FD_CLOEXEC.
  ///
  /// To be called once, before there are other threads: it removes LISTEN_FDS and its companions from the
  /// environment, so that the descriptors cannot be taken twice, and that races with any getenv(3).
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

  /// Puts a duplicate of the descriptor into the store. systemd ignores one that it holds already, under any
  /// name. FDPOLL=0, or systemd would drop the socket at the first queued error, such as an ICMP message.
  ///
  /// - Throws: `SystemdError.call`; a full store (FileDescriptorStoreMax=) is not reported.
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
