// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

struct CheckTests {
  @Test("both directions off is refused, naming both keys and where they are set")
  func bothOff() throws {
    #expect(
      try refusal(environment: ["MCASTD_PUBLISH_ENABLED": "no"], file: "[subscribe]\nenabled=off\n")
        == "MCASTD_PUBLISH_ENABLED=no in the environment: publish.enabled and subscribe.enabled (FILE:2) are both off; "
        + "at least one must be yes")
  }

  @Test(
    "an IPv6 group of link-local or interface-local scope needs a named interface",
    arguments: ["ff02::5", "ff01::5"])
  func scope(group: String) throws {
    #expect(
      try refusal([.group: group])
        == "--group \(group) on the command line: a group of link-local scope needs an interface; "
        + "interface must name one")
    #expect(try load([.group: group, .interface: "eth0"]).publish.group.description == group)
  }

  @Test("the scope of one direction's group is that direction's matter")
  func scopeOfOne() throws {
    let arguments: [Key: String] = [.publishGroup: "ff02::5", .publishInterface: "eth0"]
    #expect(try load(arguments).subscribe.interfaces == .automatic)
    #expect(
      try refusal([.subscribeGroup: "ff02::5", .publishInterface: "eth0", .subscribeInterface: "auto"])
        == "--subscribe-group ff02::5 on the command line: a group of link-local scope needs an interface; "
        + "subscribe.interface must name one")
    #expect(try load([.subscribeGroup: "ff02::5", .subscribeEnabled: "no"]).publish.enabled)
  }

  @Test(
    "224.0.0.0/24 and wider IPv6 scopes are content with auto",
    arguments: ["224.0.0.200", "ff05::5", "ff15::1"])
  func widerScopes(group: String) throws {
    #expect(try load([.group: group]).subscribe.interfaces == .automatic)
  }

  @Test("a source-specific group without a source is refused", arguments: ["232.1.1.1", "ff35::1"])
  func sourceSpecific(group: String) throws {
    #expect(
      try refusal([.group: group])
        == "--group \(group) on the command line: a source-specific group (232.0.0.0/8, ff3x::/32) needs a source; "
        + "source must name at least one")
    let source = group.contains(":") ? "2001:db8::5" : "10.0.0.5"
    #expect(try load([.group: group, .source: source]).sources.map(\.description) == [source])
    // Sending to it takes none.
    #expect(try load([.publishGroup: group]).publish.group.description == group)
  }

  @Test("a source of the other family is refused")
  func sourceFamily() throws {
    #expect(
      try refusal([.source: "10.0.0.5,2001:db8::5"])
        == "--source 10.0.0.5,2001:db8::5 on the command line: 2001:db8::5 cannot send to 239.1.1.1; "
        + "source must be IPv4, as the group")
    #expect(
      try refusal([.group: "ff15::1", .source: "10.0.0.5"]).hasSuffix("source must be IPv6, as the group"))
  }

  @Test("the two directions may differ in family")
  func families() throws {
    let settings = try load([.publishGroup: "ff15::1", .source: "10.0.0.5"])
    #expect(settings.publish.group.family != settings.subscribe.group.family)
  }

  @Test("values that do not go together are all told of, but for those that are wrong by themselves")
  func all() throws {
    #expect(
      try refusal([.group: "232.1.1.1", .peersExpected: "fe80::1", .ttl: "300"]).split(
        separator: " on the command line: "
      ).count
        == 4)
    let faults = try refusal([.group: "ff35::1", .source: "nobody", .peersExpected: "10.0.0.5"])
    #expect(faults.contains("source must be \(Key.source.accepted)"))
    #expect(!faults.contains("needs a source"))
    #expect(faults.contains("peers.expected must be IPv6"))
  }
}
