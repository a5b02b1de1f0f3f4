// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Used by `GroupSubscription` only.
extension MulticastReceiver {
  /// Joins the group on an interface (RFC 3678 section 5.1), for any source or only for the given ones.
  ///
  /// An existing membership is a success.
  ///
  /// - Parameters:
  ///   - interfaceIndex: an interface that is created again under its old name has a new index and needs its
  ///     own join.
  ///   - sources: empty for any source; otherwise source-specific multicast (RFC 4607).
  /// - Throws: `MulticastError.system`: ENODEV (no such interface), ENOBUFS (net.ipv4.igmp_max_memberships or
  ///   igmp_max_msf reached).
  func join(interfaceIndex: UInt32, sources: [IPAddress] = []) throws(MulticastError) {
    let object = "\(group.address) on interface \(interfaceIndex)"
    guard !sources.isEmpty else {
      return try tolerating([EADDRINUSE]) { () throws(MulticastError) in
        try setMembership(
          SocketOption.joinGroup, groupRequest(interfaceIndex), "MCAST_JOIN_GROUP", for: object)
      }
    }
    var isFirst = true
    do throws(MulticastError) {
      for source in sources {
        var request = group_source_req()
        request.gsr_interface = interfaceIndex
        Endpoint(group.address, port: 0).store(in: &request.gsr_group)
        Endpoint(source, port: 0).store(in: &request.gsr_source)
        try tolerating([EADDRINUSE, EADDRNOTAVAIL]) { () throws(MulticastError) in
          try setMembership(
            SocketOption.joinSourceGroup, request, "MCAST_JOIN_SOURCE_GROUP", for: "\(object) from \(source)")
        }
        isFirst = false
      }
    } catch {
      // All or nothing: a membership with only some of the sources would look complete.
      leave(interfaceIndex: interfaceIndex)
      // The first source makes the membership, the others extend its filter.
      var error = error
      error.addsSource = !isFirst
      throw error
    }
  }

  /// - Parameter harmless: errors that mean that it is already in force (ip(7)).
  private func tolerating(
    _ harmless: [Int32], _ step: () throws(MulticastError) -> Void
  ) throws(MulticastError) {
    do throws(MulticastError) {
      try step()
    } catch {
      guard harmless.contains(error.errno) else { throw error }
    }
  }

  /// Replaces the source filter of a membership (MCAST_MSFILTER, RFC 3678 section 5.2). It is atomic: no
  /// datagram from a source in both filters is lost or duplicated, as it would be with a leave and a join or
  /// with a second socket.
  ///
  /// - Parameter sources: empty for any source.
  /// - Throws: `MulticastError.system`: EINVAL (not joined), ENODEV (no such interface), ENOBUFS
  ///   (net.ipv4.igmp_max_msf).
  func setSources(_ sources: [IPAddress], interfaceIndex: UInt32) throws(MulticastError) {
    var filter = group_filter()
    filter.gf_interface = interfaceIndex
    Endpoint(group.address, port: 0).store(in: &filter.gf_group)
    filter.gf_fmode = UInt32(sources.isEmpty ? MCAST_EXCLUDE : MCAST_INCLUDE)
    filter.gf_numsrc = UInt32(sources.count)
    // The structure has room for one source at its end; further sources follow it.
    let stride = MemoryLayout<sockaddr_storage>.size
    let first = MemoryLayout<group_filter>.size - stride
    var bytes = [UInt8](repeating: 0, count: first + stride * max(sources.count, 1))
    bytes.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: filter, as: group_filter.self)
      for (number, source) in sources.enumerated() {
        var storage = sockaddr_storage()
        Endpoint(source, port: 0).store(in: &storage)
        bytes.storeBytes(of: storage, toByteOffset: first + number * stride, as: sockaddr_storage.self)
      }
    }
    let length = socklen_t(bytes.count)
    guard setsockopt(descriptor, group.address.family.level, SocketOption.groupFilter, &bytes, length) == 0
    else {
      throw .system(
        call: "setsockopt MCAST_MSFILTER", object: "\(group.address) on interface \(interfaceIndex)",
        errno: errno)
    }
  }

  /// Leaves the group on an interface. Works for a removed interface too: its index still identifies the
  /// stale membership, which counts against the limit until the socket is closed.
  func leave(interfaceIndex: UInt32) {
    // ENODEV and EADDRNOTAVAIL mean that there was no membership.
    try? setMembership(
      SocketOption.leaveGroup, groupRequest(interfaceIndex), "MCAST_LEAVE_GROUP",
      for: "\(group.address) on interface \(interfaceIndex)")
  }

  /// Whether the kernel has a membership of this socket on an interface (MCAST_MSFILTER, RFC 3678 section
  /// 5.2).
  func isMember(interfaceIndex: UInt32) -> Bool {
    var filter = group_filter()
    filter.gf_interface = interfaceIndex
    Endpoint(group.address, port: 0).store(in: &filter.gf_group)
    filter.gf_numsrc = 0
    var length = socklen_t(MemoryLayout<group_filter>.size)
    return getsockopt(
      descriptor, group.address.family.level, SocketOption.groupFilter, &filter, &length) == 0
  }

  private func groupRequest(_ interfaceIndex: UInt32) -> group_req {
    var request = group_req()
    request.gr_interface = interfaceIndex
    Endpoint(group.address, port: 0).store(in: &request.gr_group)
    return request
  }
}

extension Endpoint {
  /// Writes the sockaddr into the sockaddr_storage of an RFC 3678 request.
  fileprivate func store(in storage: inout sockaddr_storage) {
    withUnsafeMutableBytes(of: &storage) { bytes in
      withSockaddr { address, length in
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
      }
    }
  }
}
