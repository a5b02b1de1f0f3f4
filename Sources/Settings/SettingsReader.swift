// SPDX-License-Identifier: Apache-2.0

import Configuration
import Platform
import Synchronization

/// Reads every key from all sources in the order of their priority, and keeps where each came from.
struct SettingsReader {
  /// A text, before it is parsed.
  struct Found {
    /// The key that is set: the one asked for, or the one that it inherits from.
    var key: Key
    var text: String
    var origin: Origin
  }

  /// Keys whose text is accepted.
  private(set) var found: [Key: Found] = [:]
  /// In the order of ``Key``, without those whose text is not accepted.
  private(set) var effective: [EffectiveValue] = []
  /// One for each text that is not accepted, however many keys inherit it.
  private(set) var faults: [SettingsFault] = []
  private var values: [Key: any Sendable] = [:]

  /// A text that is not accepted is a fault, and the default stands for it, so that the keys which depend on
  /// it are checked as well.
  init(
    adopted: [Key: SettingsSources.Adopted], arguments: [Key: String], environment: [String: String],
    files: ConfigurationFiles
  ) {
    let sources = Sources(adopted: adopted, arguments: arguments, environment: environment, files: files)
    for key in Key.allCases { read(key, from: sources) }
  }

  private mutating func read(_ key: Key, from sources: Sources) {
    let found = sources.find(key)
    let text = found.text.trimmingBlanks()
    let unquoted = Quotes.stripped(text)
    let row = key.row
    if unquoted == nil, let (value, text) = row.parse(text) {
      values[key] = value
      self.found[key] = found
      effective.append(EffectiveValue(key: key, value: text, origin: found.origin))
      return
    }
    let problem =
      unquoted.map { "a value is written without quotation marks: \(Printable.line($0))" }
      ?? "\(found.key.name) must be \(found.key.accepted)"
    let fault = SettingsFault(found, problem: problem)
    if !faults.contains(fault) { faults.append(fault) }
    values[key] = (key.inherits ?? key).defaultText.flatMap { row.parse($0)?.value }
  }

  /// - Throws: `SettingsError` where the key's row has another type, or a default that it does not accept.
  func value<Value>(_ key: Key) throws(SettingsError) -> Value {
    if let value = values[key] as? Value { return value }
    throw SettingsError(
      faults + [SettingsFault(key: key, origin: .default, problem: "\(key.name) is no \(Value.self)")])
  }

  /// Whether all of them are accepted, so that they can be checked together.
  func hasFound(_ keys: Key...) -> Bool { keys.allSatisfy { found[$0] != nil } }

  /// A fault of a value that is accepted by itself.
  func refusal(of key: Key, because problem: String) -> SettingsFault {
    guard let found = found[key] else { return SettingsFault(key: key, origin: .default, problem: problem) }
    return SettingsFault(found, problem: problem)
  }
}

/// The texts of all sources.
private struct Sources {
  private let reader: ConfigReader
  private let answers = LastAnswer()
  private let adopted: [Key: SettingsSources.Adopted]
  private let files: ConfigurationFiles

  init(
    adopted: [Key: SettingsSources.Adopted], arguments: [Key: String], environment: [String: String],
    files: ConfigurationFiles
  ) {
    self.adopted = adopted
    self.files = files
    let defaults = Key.allCases.compactMap { key in key.defaultText.map { (key, $0) } }
    // In the order of Answer's cases.
    let providers: [any ConfigProvider] = [
      InMemoryProvider(name: "adopted", values: Self.values(adopted.mapValues(\.value))),
      InMemoryProvider(name: "arguments", values: Self.values(arguments)),
      EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "mcastd"),
      // Not FileProvider, which is asynchronous and knows one file: ours have drop-ins and lines.
      InMemoryProvider(name: "files", values: Self.values(files.entries.mapValues(\.value))),
      InMemoryProvider(name: "defaults", values: Self.values(Dictionary(uniqueKeysWithValues: defaults))),
    ]
    reader = ConfigReader(providers: providers, accessReporter: answers)
  }

  func find(_ key: Key) -> SettingsReader.Found {
    // Throws only where no provider has the key: every text converts to String.
    if let text = try? reader.requiredString(forKey: ConfigKey(key.name)) {
      return SettingsReader.Found(key: key, text: text, origin: origin(of: key))
    }
    guard let shared = key.inherits else {
      return SettingsReader.Found(key: key, text: "", origin: .default)
    }
    return find(shared)
  }

  /// The origin of the key that was read last.
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

/// The providers, in the order of their priority.
private enum Answer: Int {
  case adopted
  case arguments
  case environment
  case files
  case defaults
}

/// Records which provider gave a value: the reader asks one after another and stops at the first that has it.
private final class LastAnswer: AccessReporter {
  private let answer = Mutex<Answer?>(nil)

  var last: Answer? { answer.withLock { $0 } }

  func report(_ event: AccessEvent) {
    answer.withLock { $0 = Answer(rawValue: event.providerResults.count - 1) }
  }
}

extension SettingsFault {
  fileprivate init(_ found: SettingsReader.Found, problem: String) {
    self.init(key: found.key, value: found.text, origin: found.origin, problem: problem)
  }
}
