// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Settings

/// `--config`, and an option for every setting. No option has a default here: the environment, the files and
/// the defaults of the table supply values that are not given.
///
/// The options come from the table of settings, not from properties: ArgumentParser finds the options of a
/// type by its mirror, and their values by its `init(from:)`.
struct SettingsOptions: ParsableArguments, CustomReflectable {
  @Option(
    help: ArgumentHelp("Read this file in place of /etc/mcastd/mcastd.conf.", valueName: "file"),
    completion: .file())
  private var config: String?
  private var settings = Key.allCases.map { (key: $0, option: Option<String?>($0)) }

  init() {}

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    _config = try values.decode(Option<String?>.self, forKey: .config)
    settings = try Key.allCases.map { ($0, try values.decode(Option<String?>.self, forKey: Name($0))) }
  }

  var customMirror: Mirror {
    let options = [(Name.config, _config)] + settings.map { (Name($0.key), $0.option) }
    return Mirror(self, children: options.map { ($0.stringValue, $1) }, displayStyle: .struct)
  }

  /// The configuration sources of this process.
  var sources: SettingsSources {
    let given = settings.compactMap { setting in setting.option.wrappedValue.map { (setting.key, $0) } }
    return SettingsSources(
      arguments: Dictionary(uniqueKeysWithValues: given), environment: SettingsSources.processEnvironment(),
      configFile: config)
  }

  /// ArgumentParser's key of an option: its name on the command line.
  private struct Name: CodingKey {
    static let config = Name(stringValue: "config")

    let stringValue: String
    let intValue: Int? = nil

    init(_ key: Key) { self.init(stringValue: key.optionName) }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
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
