// SPDX-License-Identifier: Apache-2.0

import Configuration
import Platform
import Synchronization

/// Reads one key after another from all sources in the order of their priority, and keeps where each came
/// from.
struct SettingsReader {
  /// A text as it was found.
  struct Found {
    /// The key under which it was: the one asked for, or the one that it inherits from.
    var key: Key
    var text: String
    var origin: Origin
  }

  private let reader: ConfigReader
  private let answers = LastAnswer()
  private let adopted: [Key: SettingsSources.Adopted]
  private let files: ConfigurationFiles
  package private(set) var found: [Key: Found] = [:]
  package private(set) var effective: [EffectiveValue] = []
  /// One for each text that is not accepted, however many keys inherit it.
  package private(set) var faults: [SettingsFault] = []

  init(
    adopted: [Key: SettingsSources.Adopted], arguments: [Key: String], environment: [String: String],
    files: ConfigurationFiles
  ) {
    self.adopted = adopted
    self.files = files
    // In the order of Answer's cases.
    let providers: [any ConfigProvider] = [
      InMemoryProvider(name: "adopted", values: SettingsReader.values(adopted.mapValues(\.value))),
      InMemoryProvider(name: "arguments", values: SettingsReader.values(arguments)),
      EnvironmentVariablesProvider(environmentVariables: environment)
        .prefixKeys(with: "mcastd"),
      // Not FileProvider, which is asynchronous and knows one file: ours have drop-ins and lines.
      InMemoryProvider(name: "files", values: SettingsReader.values(files.entries.mapValues(\.value))),
      InMemoryProvider(
        name: "defaults",
        values: SettingsReader.values(
          Dictionary(
            uniqueKeysWithValues: Key.allCases.compactMap { key in key.defaultText.map { (key, $0) } }))),
    ]
    reader = ConfigReader(providers: providers, accessReporter: answers)
  }

  /// Reads and remembers the value of `key`. A text that is not accepted is a fault, and the default stands
  /// for it, so that the keys after it are judged as well.
  ///
  /// - Throws: `SettingsError` when there is no default either, which only a mistake in the table of keys
  ///   makes.
  mutating func read<Value>(_ key: Key, as format: ValueFormat<Value>) throws(SettingsError) -> Value {
    let found = find(key)
    let text = found.text.trimmingBlanks()
    let bare = Quotes.stripped(text)
    if bare == nil, let value = format.parse(text) {
      self.found[key] = found
      effective.append(EffectiveValue(key: key, value: format.text(value), origin: found.origin))
      return value
    }
    let accepted =
      bare.map { "a value is written without quotation marks: \(Printable.line($0))" }
      ?? "\(found.key.name) must be \(found.key.accepted)"
    let fault = SettingsFault(found, accepted: accepted)
    if !faults.contains(fault) { faults.append(fault) }
    guard let value = (key.inherits ?? key).defaultText.flatMap(format.parse) else {
      throw SettingsError([fault])
    }
    return value
  }

  /// Whether all of them were read and accepted, so that what they mean together can be judged.
  func hasFound(_ keys: Key...) -> Bool { keys.allSatisfy { found[$0] != nil } }

  /// The fault that lays the blame on a value that is fine by itself.
  func refusal(of key: Key, because accepted: String) -> SettingsFault {
    guard let found = found[key] else { return SettingsFault(key: key, origin: .default, accepted: accepted) }
    return SettingsFault(found, accepted: accepted)
  }

  private func find(_ key: Key) -> Found {
    // Only `required` tells "nowhere" from "not convertible"; as text, everything is convertible.
    if let text = try? reader.requiredString(forKey: ConfigKey(key.name)) {
      return Found(key: key, text: text, origin: origin(of: key))
    }
    guard let shared = key.inherits else { return Found(key: key, text: "", origin: .default) }
    return find(shared)
  }

  /// Of the key that was read last.
  private func origin(of key: Key) -> Origin {
    switch answers.last {
    case .adopted: .daemon(origin: adopted[key]?.origin ?? "")
    case .arguments: .commandLine(flag: key.flag)
    case .environment: .environment(key.environmentName)
    case .files: files.entries[key]?.origin ?? .default
    case .defaults, nil: .default
    }
  }

  private static func values(_ texts: [Key: String]) -> [AbsoluteConfigKey: ConfigValue] {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for (key, text) in texts {
      values[AbsoluteConfigKey(ConfigKey(key.name))] = ConfigValue(.string(text), isSecret: false)
    }
    return values
  }
}

/// The providers in the order in which they are asked.
private enum Answer: Int {
  case adopted
  case arguments
  case environment
  case files
  case defaults
}

/// Learns which provider gave a value: the reader asks one after another and stops at the first that has it.
private final class LastAnswer: AccessReporter {
  private let answer = Mutex<Answer?>(nil)

  var last: Answer? { answer.withLock { $0 } }

  func report(_ event: AccessEvent) {
    answer.withLock { $0 = Answer(rawValue: event.providerResults.count - 1) }
  }
}

extension SettingsFault {
  fileprivate init(_ found: SettingsReader.Found, accepted: String) {
    self.init(key: found.key, value: found.text, origin: found.origin, accepted: accepted)
  }
}
