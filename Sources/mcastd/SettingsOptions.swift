// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Settings

/// Every setting as an option. None has a default here: what is not given is left to the environment, the
/// files and the table of defaults.
struct SettingsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Read this file in place of /etc/mcastd/mcastd.conf.", valueName: "file"),
    completion: .file())
  var config: String?

  @Option(help: .setting(.group), completion: .setting(.group)) var group: String?
  @Option(help: .setting(.port), completion: .setting(.port)) var port: String?
  @Option(help: .setting(.interface), completion: .setting(.interface)) var interface: String?
  @Option(help: .setting(.source), completion: .setting(.source)) var source: String?
  @Option(help: .setting(.publishEnabled), completion: .setting(.publishEnabled)) var publishEnabled: String?
  @Option(help: .setting(.publishGroup), completion: .setting(.publishGroup)) var publishGroup: String?
  @Option(help: .setting(.publishPort), completion: .setting(.publishPort)) var publishPort: String?
  @Option(help: .setting(.publishInterface), completion: .setting(.publishInterface)) var publishInterface:
    String?
  @Option(help: .setting(.subscribeEnabled), completion: .setting(.subscribeEnabled)) var subscribeEnabled:
    String?
  @Option(help: .setting(.subscribeGroup), completion: .setting(.subscribeGroup)) var subscribeGroup: String?
  @Option(help: .setting(.subscribePort), completion: .setting(.subscribePort)) var subscribePort: String?
  @Option(help: .setting(.subscribeInterface), completion: .setting(.subscribeInterface))
  var subscribeInterface: String?
  @Option(help: .setting(.interval), completion: .setting(.interval)) var interval: String?
  @Option(help: .setting(.ttl), completion: .setting(.ttl)) var ttl: String?
  @Option(help: .setting(.loopback), completion: .setting(.loopback)) var loopback: String?
  @Option(help: .setting(.timestamp), completion: .setting(.timestamp)) var timestamp: String?
  @Option(help: .setting(.receiveBuffer), completion: .setting(.receiveBuffer)) var receiveBuffer: String?
  @Option(help: .setting(.logRate), completion: .setting(.logRate)) var logRate: String?
  @Option(help: .setting(.logBurst), completion: .setting(.logBurst)) var logBurst: String?
  @Option(help: .setting(.logOwn), completion: .setting(.logOwn)) var logOwn: String?
  @Option(help: .setting(.logHeartbeats), completion: .setting(.logHeartbeats)) var logHeartbeats: String?
  @Option(help: .setting(.logQueue), completion: .setting(.logQueue)) var logQueue: String?
  @Option(help: .setting(.logLevel), completion: .setting(.logLevel)) var logLevel: String?
  @Option(help: .setting(.peersMax), completion: .setting(.peersMax)) var peersMax: String?
  @Option(help: .setting(.peersExpected), completion: .setting(.peersExpected)) var peersExpected: String?

  /// What was given, by key.
  private var arguments: [Key: String] {
    let given: [Key: String?] = [
      .group: group,
      .port: port,
      .interface: interface,
      .source: source,
      .publishEnabled: publishEnabled,
      .publishGroup: publishGroup,
      .publishPort: publishPort,
      .publishInterface: publishInterface,
      .subscribeEnabled: subscribeEnabled,
      .subscribeGroup: subscribeGroup,
      .subscribePort: subscribePort,
      .subscribeInterface: subscribeInterface,
      .interval: interval,
      .ttl: ttl,
      .loopback: loopback,
      .timestamp: timestamp,
      .receiveBuffer: receiveBuffer,
      .logRate: logRate,
      .logBurst: logBurst,
      .logOwn: logOwn,
      .logHeartbeats: logHeartbeats,
      .logQueue: logQueue,
      .logLevel: logLevel,
      .peersMax: peersMax,
      .peersExpected: peersExpected,
    ]
    return given.compactMapValues { $0 }
  }

  /// Where the configuration comes from, for this process.
  var sources: SettingsSources {
    SettingsSources(
      arguments: arguments, environment: SettingsSources.processEnvironment(), configFile: config)
  }
}

extension ArgumentHelp {
  /// The help of a setting, from the one table of settings.
  fileprivate static func setting(_ key: Key) -> ArgumentHelp {
    let value = key.defaultDescription
    return ArgumentHelp(
      "\(key.help): \(key.accepted)." + (value.isEmpty ? "" : " Default: \(value)."), valueName: "value")
  }
}
