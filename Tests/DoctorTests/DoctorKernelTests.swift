// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Doctor
@testable import Platform

/// Texts as the kernel wrote them (6.18).
struct DoctorKernelTests {
  @Test("memberships are read from /proc/net/igmp and igmp6")
  func readsMemberships() throws {
    let igmp = """
      Idx	Device    : Count Querier	Group    Users Timer	Reporter
      1	lo        :     1      V3
      				010000E0     1 0:00000000		0
      7	eth0      :     2      V2
      				010101EF     3 0:00000000		1
      				010000E0     1 0:00000000		0
      """
    let memberships = ProcMembership.parseIGMP(igmp)
    #expect(memberships.count == 3)
    #expect(
      memberships[1]
        == ProcMembership(
          interfaceIndex: 7, group: try #require(IPAddress("239.1.1.1")), users: 3, igmpVersion: 2))
    let igmp6 = """
      1    lo              ff020000000000000000000000000001     1 0000000C 0
      7    eth0            ff150000000000000000000000000001     2 00000004 1700
      """
    #expect(
      ProcMembership.parseIGMP6(igmp6).last
        == ProcMembership(
          interfaceIndex: 7, group: try #require(IPAddress("ff15::1")), users: 2, igmpVersion: 0))
  }

  @Test("sockets are read from /proc/net/udp and udp6, with their drops")
  func readsSockets() throws {
    let udp = """
         sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
       2129: 010101EF:1389 00000000:0000 07 00000000:00000000 00:00000000 00000000   998        0 4711 2 0000000000000000 745
      """
    let group = Endpoint(try #require(IPAddress("239.1.1.1")), port: 5001)
    let socket = try #require(ProcSocket.parse(udp, .ipv4).first)
    #expect(socket == ProcSocket(local: group, userID: 998, inode: 4711, drops: 745))
    #expect(socket.isBound(for: group))
    #expect(!socket.isBound(for: Endpoint(group.address, port: 5002)))
    let udp6 = """
        sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
       2129: 000015FF000000000000000001000000:1389 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12 2 0000000000000000 0
      """
    let socket6 = try #require(ProcSocket.parse(udp6, .ipv6).first)
    #expect(socket6.local.address.description == "ff15::1")
  }

  @Test("a wildcard socket takes what is for the group, an IPv6 one IPv4 as well")
  func matchesWildcards() throws {
    let group = Endpoint(try #require(IPAddress("239.1.1.1")), port: 5001)
    let any = ProcSocket(local: Endpoint(.unspecified(.ipv6), port: 5001), userID: 0, inode: 1, drops: 0)
    #expect(any.isBound(for: group))
    let any4 = ProcSocket(local: Endpoint(.unspecified(.ipv4), port: 5001), userID: 0, inode: 1, drops: 0)
    #expect(!any4.isBound(for: Endpoint(try #require(IPAddress("ff15::1")), port: 5001)))
  }

  @Test("a counter is found by its name in the pair of lines that has it")
  func readsCounter() {
    let text = "TcpExt: A IPReversePathFilter B\nTcpExt: 1 42 3\nIpExt: C D\nIpExt: 4 5\n"
    #expect(ProcCounter.parse(text, "IPReversePathFilter") == 42)
    #expect(ProcCounter.parse(text, "D") == 5)
    #expect(ProcCounter.parse(text, "E") == nil)
    #expect(ProcCounter.parse("TcpExt: A B\nTcpExt: 1\n", "B") == nil)
  }

  @Test(
    "what the kernel never wrote is passed over",
    arguments: ["", "\n\n", "x y z\n\ta b\n: : :", "7\t\n\tzz 1"])
  func survivesNoise(text: String) {
    #expect(ProcMembership.parseIGMP(text).isEmpty)
    #expect(ProcMembership.parseIGMP6(text).isEmpty)
    #expect(ProcSocket.parse(text, .ipv4).isEmpty)
    #expect(ProcCounter.parse(text, "IPReversePathFilter") == nil)
  }

  @Test("a command's output is read whole, and its failure told")
  func readsCommand() throws {
    #expect(
      try CommandOutput.read(["/nowhere/echo", "/bin/echo"], ["a b", "$HOME"]) == Array("a b $HOME\n".utf8))
    #expect(throws: CommandOutput.Failure.notInstalled) { try CommandOutput.read(["/nowhere"], []) }
    let large = try CommandOutput.read(["/usr/bin/head"], ["-c", "3000000", "/dev/zero"])
    #expect(large.count == 3_000_000)
    #expect(throws: CommandOutput.Failure.self) { try CommandOutput.read(["/bin/cat"], ["/nowhere"]) }
  }

  @Test("a socket's owner is the service that has it, rather than systemd, which keeps it")
  func namesOwner() {
    #expect(SocketOwner.describe([]) == nil)
    #expect(SocketOwner.describe([("systemd", 1), ("mcastd", 42)]) == "mcastd[42]")
    #expect(SocketOwner.describe([("gmond", 7)]) == "gmond[7]")
    #expect(
      SocketOwner.describe([("systemd", 1)]) == "systemd[1], which keeps it for a service that is not running"
    )
  }

  @Test("what cannot be read is said with what would help: another program, or root")
  func tellsGap() {
    let missing = FirewallReading.gap(.notInstalled, program: "nft", package: "nftables", isRoot: true)
    #expect(missing.found == "nft is not installed")
    #expect(missing.action == "apt install nftables")
    let refused = CommandOutput.Failure.failed(status: 1, message: "Operation not permitted\nmore")
    let forUser = FirewallReading.gap(refused, program: "nft", package: "nftables", isRoot: false)
    #expect(forUser.found == "the rules cannot be read: Operation not permitted")
    #expect(forUser.action == "run it as root")
    #expect(FirewallReading.gap(refused, program: "nft", package: "nftables", isRoot: true).action == nil)
  }

  @Test("a VRF keeps datagrams from us where udp_l3mdev_accept is 0 and none was heard")
  func knowsDeafVRF() {
    #expect(DoctorContext.vrfWithoutL3mdevAccept("blue", accept: 0) { false } == "blue")
    #expect(DoctorContext.vrfWithoutL3mdevAccept("blue", accept: 0) { true } == nil)
    #expect(DoctorContext.vrfWithoutL3mdevAccept("blue", accept: 1) { false } == nil)
    #expect(DoctorContext.vrfWithoutL3mdevAccept("blue", accept: nil) { false } == nil)
    #expect(DoctorContext.vrfWithoutL3mdevAccept(nil, accept: 0) { false } == nil)
  }
}
