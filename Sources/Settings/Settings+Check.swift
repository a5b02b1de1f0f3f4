// SPDX-License-Identifier: Apache-2.0

import Platform

extension Settings {
  /// Combinations of values that are not accepted. Directions that are off do not count, nor do values that
  /// are faults by themselves.
  func faults(against reader: SettingsReader) -> [SettingsFault] {
    guard reader.hasFound(.publishEnabled, .subscribeEnabled) else { return [] }
    guard publish.enabled || subscribe.enabled else {
      let other = reader.found[.subscribeEnabled]?.origin ?? .default
      return [
        reader.refusal(
          of: .publishEnabled,
          because: "publish.enabled and subscribe.enabled (\(other)) are both off; at least one must be yes")
      ]
    }
    var faults: [SettingsFault?] = []
    if publish.enabled {
      faults.append(namelessFault(reader))
      faults.append(scopeFault(of: publish, group: .publishGroup, interface: .publishInterface, reader))
    }
    if subscribe.enabled {
      faults.append(scopeFault(of: subscribe, group: .subscribeGroup, interface: .subscribeInterface, reader))
      faults.append(sourceFault(reader))
      faults.append(familyFault(of: sources, .source, reader))
      faults.append(familyFault(of: peersExpected.compactMap(\.address), .peersExpected, reader))
    }
    // A group that both directions inherit is one fault.
    return faults.compactMap { $0 }.uniqued()
  }

  /// A code is good for a host's name and the numbers of its heartbeats, and those of a host without a name
  /// have neither.
  private func namelessFault(_ reader: SettingsReader) -> SettingsFault? {
    guard reader.hasFound(.authMode, .name), authentication.mode != .off, name == .none else { return nil }
    return reader.refusal(
      of: .authMode,
      because: "heartbeats that are authenticated name their host; name must be set, for example name=auto")
  }

  /// An IPv6 group of link-local scope is another group on every link (RFC 4007 section 6), and no route
  /// chooses the link.
  private func scopeFault(
    of direction: Direction, group: Key, interface: Key, _ reader: SettingsReader
  ) -> SettingsFault? {
    guard reader.hasFound(group, interface) else { return nil }
    let scope = direction.group.multicastScope
    guard direction.group.family == .ipv6, scope == .linkLocal || scope == .interfaceLocal,
      direction.interfaces == .automatic
    else { return nil }
    let named = reader.found[interface]?.key ?? interface
    return reader.refusal(
      of: group, because: "a group of link-local scope needs an interface; \(named.name) must name one")
  }

  /// Joining a source-specific group takes a source (RFC 4607); sending to one does not.
  private func sourceFault(_ reader: SettingsReader) -> SettingsFault? {
    guard reader.hasFound(.subscribeGroup, .source), subscribe.group.isSourceSpecificGroup, sources.isEmpty
    else { return nil }
    return reader.refusal(
      of: .subscribeGroup,
      because:
        "a source-specific group (232.0.0.0/8, ff3x::/32) needs a source; source must name at least one")
  }

  /// Addresses of the other family than the group never send to it.
  private func familyFault(
    of addresses: [IPAddress], _ key: Key, _ reader: SettingsReader
  ) -> SettingsFault? {
    guard reader.hasFound(.subscribeGroup, key),
      let stranger = addresses.first(where: { $0.family != subscribe.group.family })
    else { return nil }
    let family = subscribe.group.family.name
    return reader.refusal(
      of: key,
      because: "\(stranger) cannot send to \(subscribe.group); \(key.name) must be \(family), as the group")
  }
}
