// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Platform

struct ErrnoTests {
  @Test("an errno is worded with its name, or its number where the name is not known")
  func words() {
    #expect(errnoText(ENETUNREACH) == "Network is unreachable (ENETUNREACH)")
    #expect(errnoText(9999) == "Unknown error 9999 (errno 9999)")
  }

  @Test("the limit that ENOBUFS stands for is that of the family")
  func limits() {
    #expect(
      ErrnoAdvice.start(ENOBUFS, family: .ipv4, addsSource: false).contains("net.ipv4.igmp_max_memberships"))
    #expect(ErrnoAdvice.start(ENOBUFS, family: .ipv6, addsSource: false).contains("net.ipv6.mld_max_msf"))
    #expect(ErrnoAdvice.start(ENOBUFS, family: .ipv4, addsSource: true).contains("net.ipv4.igmp_max_msf"))
    #expect(ErrnoAdvice.membershipLimit(.ipv4, isFilter: true) == "net.ipv4.igmp_max_msf")
  }

  @Test(
    "there is always advice",
    arguments: [0, EPERM, ENOBUFS, EADDRINUSE, EMFILE, ENOSPC, 9999] as [Int32])
  func always(errno: Int32) {
    #expect(!ErrnoAdvice.start(errno, family: .ipv6, addsSource: true).isEmpty)
    #expect(!ErrnoAdvice.send(errno).isEmpty)
    #expect(!ErrnoAdvice.runtimeFile(errno).isEmpty)
    #expect(!ErrnoAdvice.readingFile(errno).isEmpty)
    #expect(!ErrnoAdvice.bind(errno).actions.isEmpty)
    #expect(!ErrnoAdvice.join(errno, family: .ipv4, interface: "eth0").actions.isEmpty)
  }
}
