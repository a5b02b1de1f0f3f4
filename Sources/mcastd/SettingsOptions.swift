// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Settings

/// `--config`, and an option for every setting, by subject. No option has a default here: the environment,
/// the files and the defaults of the table supply values that are not given.
struct SettingsOptions: ParsableArguments {
  struct File: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Read this file in place of /etc/mcastd/mcastd.conf. The options below are its settings, see "
          + "mcastd.conf(5).", valueName: "file"), completion: .file())
    var config: String?
  }

  // ArgumentParser asks a type for its options, so each subject has to be one.
  enum GroupAndInterface: SettingsSubject { static let subject = Key.Subject.groupAndInterface }
  enum Heartbeats: SettingsSubject { static let subject = Key.Subject.heartbeats }
  enum Authentication: SettingsSubject { static let subject = Key.Subject.authentication }
  enum Readings: SettingsSubject { static let subject = Key.Subject.readings }
  enum Rules: SettingsSubject { static let subject = Key.Subject.rules }
  enum Log: SettingsSubject { static let subject = Key.Subject.log }
  enum Peers: SettingsSubject { static let subject = Key.Subject.peers }
  enum Metrics: SettingsSubject { static let subject = Key.Subject.metrics }

  @OptionGroup(title: "Settings") private var file: File
  @OptionGroup(title: title(.groupAndInterface)) private var group: SubjectOptions<GroupAndInterface>
  @OptionGroup(title: title(.heartbeats)) private var heartbeats: SubjectOptions<Heartbeats>
  @OptionGroup(title: title(.authentication)) private var authentication: SubjectOptions<Authentication>
  @OptionGroup(title: title(.readings)) private var readings: SubjectOptions<Readings>
  @OptionGroup(title: title(.rules)) private var rules: SubjectOptions<Rules>
  @OptionGroup(title: title(.log)) private var log: SubjectOptions<Log>
  @OptionGroup(title: title(.peers)) private var peers: SubjectOptions<Peers>
  @OptionGroup(title: title(.metrics)) private var metrics: SubjectOptions<Metrics>

  private static func title(_ subject: Key.Subject) -> String { "Settings (\(subject.rawValue))" }

  /// The configuration sources of this process.
  var sources: SettingsSources {
    let given =
      group.given + heartbeats.given + authentication.given + readings.given + rules.given + log.given
      + peers.given + metrics.given
    return SettingsSources(
      arguments: Dictionary(uniqueKeysWithValues: given), environment: SettingsSources.processEnvironment(),
      configFile: file.config)
  }
}

protocol SettingsSubject: Sendable {
  static var subject: Key.Subject { get }
}

/// The options of the settings of one subject. They come from the table of settings, not from properties:
/// ArgumentParser finds the options of a type by its mirror, and their values by its `init(from:)`.
struct SubjectOptions<Subject: SettingsSubject>: ParsableArguments, CustomReflectable {
  private var settings = keys.map { (key: $0, option: Option<String?>($0)) }

  private static var keys: [Key] { Key.allCases.filter { $0.subject == Subject.subject } }

  init() {}

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: OptionName.self)
    settings = try Self.keys.map { ($0, try values.decode(Option<String?>.self, forKey: OptionName($0))) }
  }

  var customMirror: Mirror {
    Mirror(
      self, children: settings.map { (OptionName($0.key).stringValue, $0.option) }, displayStyle: .struct)
  }

  /// The settings that are on the command line.
  var given: [(Key, String)] {
    settings.compactMap { setting in setting.option.wrappedValue.map { (setting.key, $0) } }
  }
}

/// ArgumentParser's key of an option: its name on the command line.
private struct OptionName: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init(_ key: Key) { self.init(stringValue: key.optionName) }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Option<String?> {
  fileprivate init(_ key: Key) {
    self.init(name: .customLong(key.optionName), help: .setting(key), completion: .setting(key))
  }
}

extension ArgumentHelp {
  /// The help of a setting, from the table of settings.
  fileprivate static func setting(_ key: Key) -> ArgumentHelp {
    let value = key.defaultDescription
    return ArgumentHelp(
      "\(key.help): \(key.accepted)." + (value.isEmpty ? "" : " Default: \(value)."), valueName: "value")
  }
}
