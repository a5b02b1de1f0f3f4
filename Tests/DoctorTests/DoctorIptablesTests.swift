// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Doctor
@testable import Platform

/// Rules as iptables-save 1.8.9 prints them, judged without a kernel.
struct DoctorIptablesTests {
  private static func iptables(_ rules: String, policy: String = "ACCEPT") -> [FirewallChain] {
    IptablesRules.parse(
      "# Generated\n*filter\n:INPUT \(policy) [1:2]\n:OUTPUT ACCEPT [0:0]\n:mine - [0:0]\n\(rules)\nCOMMIT\n",
      .ipv4)
  }

  @Test(
    "rules of iptables are judged as well",
    arguments: [
      ("-A INPUT -d 239.1.1.1/32 -p udp -m udp --dport 5001 -j DROP", DoctorFirewallTests.Answer.dropped),
      ("-A INPUT -d 239.1.1.2/32 -j DROP", .passes),
      ("-A INPUT ! -i lo -j REJECT --reject-with icmp-port-unreachable", .dropped),
      ("-A INPUT -i eth+ -p udp -m multiport --dports 53,5000:5010 -j DROP", .dropped),
      ("-A INPUT -p tcp -m tcp --dport 5001 -j DROP", .passes),
      ("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j DROP", .passes),
      ("-A INPUT -m comment --comment \"no -j ACCEPT here\" -j DROP", .dropped),
      ("-A INPUT -m recent --name x --rcheck -j DROP", .perhaps),
      ("-A INPUT -j mine\n-A mine -m pkttype --pkt-type multicast -j DROP", .dropped),
      ("-A INPUT -j mine\n-A mine -j RETURN\n-A mine -j DROP", .passes),
      ("-A INPUT -j LOG --log-prefix drop\n-A OUTPUT -j DROP", .passes),
      ("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -j DROP", .perhaps),
      ("-A INPUT ! -s 10.0.0.0/8 -j DROP", .perhaps),
      ("-A INPUT -m set --match-set lan src -j ACCEPT\n-A INPUT -j DROP", .perhaps),
      ("-A INPUT -m mark --mark 0x1 -j ACCEPT\n-A INPUT -j DROP", .perhaps),
      ("-A INPUT -m limit --limit 9/sec -j ACCEPT\n-A INPUT -j DROP", .perhaps),
      ("-A INPUT -p udp -m udp --sport 5001 -j ACCEPT\n-A INPUT -j DROP", .perhaps),
      ("-A INPUT -s 10.0.0.1/32 -j mine\n-A mine -j ACCEPT\n-A INPUT -j DROP", .perhaps),
      ("-A INPUT -j NFQUEUE --queue-num 1", .perhaps),
      ("-A INPUT -m socket -j DROP", .perhaps),
      ("-A INPUT -j UNHEARDOF\n-A INPUT -j DROP", .perhaps),
      ("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -j DROP", .dropped),
      ("-A INPUT -p udp -m udp --dport :5000 -j ACCEPT\n-A INPUT -j DROP", .dropped),
      ("-A INPUT -j CT --notrack\n-A INPUT -m conntrack --ctstate NEW -j DROP", .perhaps),
      ("-A INPUT -d 239.0.0.0/8 -j MARK --set-xmark 0x1/0x1\n-A INPUT -j DROP", .dropped),
      ("-A INPUT -m addrtype --dst-type LOCAL,MULTICAST -j RETURN\n-A INPUT -j DROP", .passes),
    ])
  func judgesIptables(rules: String, expected: DoctorFirewallTests.Answer) {
    #expect(DoctorFirewallTests.answer(Self.iptables(rules)) == expected)
  }

  @Test("the policy of iptables is judged, and IPv4's rules not applied to IPv6")
  func judgesPolicy() {
    #expect(DoctorFirewallTests.answer(Self.iptables("", policy: "DROP")) == .dropped)
    #expect(
      DoctorFirewallTests.answer(
        Self.iptables("-A INPUT -p igmp -j ACCEPT", policy: "DROP"), DoctorFirewallTests.query) == .passes)
    let ipv6 = FirewallPacket(
      .input, "eth0", IPAddress(family: .ipv6, high: 0xff15 << 48, low: 1), .udp(port: 1))
    #expect(DoctorFirewallTests.answer(Self.iptables("", policy: "DROP"), ipv6) == .passes)
  }

  @Test(
    "a rule that may give a packet another destination makes perhapses of others, in whatever order they come"
  )
  func doubtsTranslated() {
    let filter = IptablesRules.parse("*filter\n:INPUT DROP\n-A INPUT -d 239.1.1.1/32 -j DROP", .ipv4)
    for rule in ["-p tcp --dport 80 -j DNAT", "-p udp -j DNAT"] {
      let nat = IptablesRules.parse("*nat\n:PREROUTING ACCEPT\n-A PREROUTING \(rule)", .ipv4)
      #expect(DoctorFirewallTests.answer(filter + nat) == (rule.contains("udp") ? .perhaps : .dropped))
    }
  }
}
