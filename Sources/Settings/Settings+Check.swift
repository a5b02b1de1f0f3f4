// SPDX-License-Identifier: Apache-2.0

import Multicast

extension Settings {
  /// Judges what is right by itself and wrong together; only directions that are enabled count.
  func check(against reader: SettingsReader) throws(SettingsError) {
    guard publish.enabled || subscribe.enabled else {
      let other = reader.found[.subscribeEnabled]?.origin ?? .default
      throw reader.refusal(
        of: .publishEnabled,
        because: "publish.enabled and subscribe.enabled (\(other)) are both off; at least one must be yes")
    }
    if publish.enabled {
      try checkScope(of: publish, group: .publishGroup, interface: .publishInterface, reader)
    }
    if subscribe.enabled {
      try checkScope(of: subscribe, group: .subscribeGroup, interface: .subscribeInterface, reader)
      try checkSources(reader)
    }
  }

  /// An IPv6 group that does not leave its link is another one on every link (RFC 4007 section 6): no route
  /// tells which is meant.
  private func checkScope(
    of direction: Direction, group: Key, interface: Key, _ reader: SettingsReader
  ) throws(SettingsError) {
    let scope = direction.group.multicastScope
    guard direction.group.family == .ipv6, scope == .linkLocal || scope == .interfaceLocal,
      direction.interfaces == .automatic
    else { return }
    let named = reader.found[interface]?.key ?? interface
    throw reader.refusal(
      of: group, because: "a group of link-local scope needs an interface; \(named.name) must name one")
  }

  /// RFC 4607: a source-specific group is nothing without a source. Sending to one needs none.
  private func checkSources(_ reader: SettingsReader) throws(SettingsError) {
    if subscribe.group.isSourceSpecificGroup && sources.isEmpty {
      throw reader.refusal(
        of: .subscribeGroup,
        because:
          "a source-specific group (232.0.0.0/8, ff3x::/32) needs a source; source must name at least one")
    }
    try checkFamily(of: sources, .source, reader)
    try checkFamily(of: peersExpected, .peersExpected, reader)
  }

  private func checkFamily(
    of addresses: [IPAddress], _ key: Key, _ reader: SettingsReader
  ) throws(SettingsError) {
    if let stranger = addresses.first(where: { $0.family != subscribe.group.family }) {
      let family = subscribe.group.family == .ipv4 ? "IPv4" : "IPv6"
      throw reader.refusal(
        of: key,
        because: "\(stranger) cannot send to \(subscribe.group); \(key.name) must be \(family), as the group")
    }
  }
}
