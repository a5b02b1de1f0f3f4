// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// An address of an interface as RTM_NEWADDR and RTM_DELADDR tell of it (struct ifaddrmsg, rtnetlink(7)).
package struct AddressMessage: Equatable, Sendable {
  /// The interface's index.
  package var index: UInt32
  package var address: IPAddress
  /// The length of the network's prefix, in bits.
  package var prefixLength: UInt8
  /// IPv6 still asks whether the address is free (RFC 4862 section 5.4): nothing can be sent from it yet.
  package var isTentative: Bool
  /// Another host has the address (RFC 4862 section 5.4.5). It stays tentative.
  package var isDuplicate: Bool

  /// - Parameter body: what follows the nlmsghdr; `nil` when it is no complete ifaddrmsg with an address.
  package init?(_ body: ArraySlice<UInt8>) {
    guard body.count >= MemoryLayout<ifaddrmsg>.size, let prefix = body.integer(at: 1, as: UInt8.self),
      var flags = body.integer(at: 2, as: UInt8.self).map(UInt32.init),
      let index = body.integer(at: 4, as: UInt32.self)
    else { return nil }
    var local: IPAddress?
    var peer: IPAddress?
    for attribute in NetlinkAttributes(body.rest(after: MemoryLayout<ifaddrmsg>.size)) {
      switch Int(attribute.type) {
      case Int(IFA_LOCAL): local = attribute.payload.address
      case Int(IFA_ADDRESS): peer = attribute.payload.address
      case Int(IFA_FLAGS): flags = attribute.payload.integer(at: 0, as: UInt32.self) ?? flags
      default: break
      }
    }
    // On a point-to-point link IFA_ADDRESS is the other end; IPv6 has no IFA_LOCAL elsewhere
    // (linux/if_addr.h).
    guard let address = local ?? peer else { return nil }
    self.index = index
    self.address = address
    prefixLength = prefix
    isTentative = flags & UInt32(IFA_F_TENTATIVE) != 0
    isDuplicate = flags & UInt32(IFA_F_DADFAILED) != 0
  }
}
