// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform

extension NetworkInterface {
  /// Every interface there is, by index: by getifaddrs(3), and so without the code under test.
  ///
  /// - Throws: `MulticastError.system` when the list cannot be had.
  package static func all() throws(MulticastError) -> [NetworkInterface] {
    var head: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&head) == 0 else {
      throw .system(call: "getifaddrs", object: "the interfaces", errno: errno)
    }
    defer { freeifaddrs(head) }
    var byName: [String: NetworkInterface] = [:]
    var next = head
    while let entry = next?.pointee {
      defer { next = entry.ifa_next }
      let name = String(cString: entry.ifa_name)
      var interface =
        byName[name]
        ?? NetworkInterface(
          index: if_nametoindex(entry.ifa_name), name: name, flags: entry.ifa_flags, addresses: [])
      if let address = entry.ifa_addr {
        let size =
          address.pointee.sa_family == sa_family_t(AF_INET6)
          ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        if let endpoint = Endpoint(UnsafeRawPointer(address), length: size) {
          interface.addresses.append(endpoint.address)
        }
      }
      byName[name] = interface
    }
    // An interface that went between the two calls has index 0.
    return byName.values.filter { $0.index != 0 }.sorted { $0.index < $1.index }
  }
}
