// SPDX-License-Identifier: Apache-2.0

extension Settings {
  /// Reads and validates everything.
  ///
  /// A direction's own key holds before the shared one, wherever the two are set; between sources, the
  /// command line holds before the environment, that before the files, and those before the defaults.
  ///
  /// - Throws: `SettingsError` with every line that cannot be read, every value that is not accepted, and
  ///   what does not go together among the others.
  package static func load(_ sources: SettingsSources) throws(SettingsError) -> Settings {
    let files =
      if let path = sources.configFile ?? sources.standardFile {
        ConfigurationFiles(path: path, mustExist: sources.configFile != nil)
      } else {
        ConfigurationFiles()
      }
    let environment = sources.environment.filter {
      $0.key.hasPrefix(Key.environmentPrefix) && !$0.value.trimmingBlanks().isEmpty
    }
    var reader = SettingsReader(
      adopted: sources.adopted, arguments: sources.arguments, environment: environment, files: files)
    let warnings = SettingsWarning.warnings(for: files.unknown, variables: unknownVariables(environment))
    let settings = try Settings(from: &reader, warnings: warnings)
    let faults = files.faults + reader.faults + settings.faults(against: reader)
    guard faults.isEmpty else { throw SettingsError(faults, warnings: warnings) }
    return settings
  }

  private init(from reader: inout SettingsReader, warnings: [SettingsWarning]) throws(SettingsError) {
    // The shared keys have no field of their own: they are read for what they say when no direction uses
    // them.
    _ = try reader.read(.group, as: .group)
    _ = try reader.read(.port, as: Settings.port)
    _ = try reader.read(.interface, as: .interfaces)
    sources = try reader.read(.source, as: .sources)
    publish = Direction(
      enabled: try reader.read(.publishEnabled, as: .yesNo),
      group: try reader.read(.publishGroup, as: .group),
      port: try reader.read(.publishPort, as: Settings.port),
      interfaces: try reader.read(.publishInterface, as: .interfaces))
    subscribe = Direction(
      enabled: try reader.read(.subscribeEnabled, as: .yesNo),
      group: try reader.read(.subscribeGroup, as: .group),
      port: try reader.read(.subscribePort, as: Settings.port),
      interfaces: try reader.read(.subscribeInterface, as: .interfaces))
    interval = try reader.read(.interval, as: .interval(Limits.interval))
    ttl = try reader.read(.ttl, as: .integer(Limits.ttl))
    loopback = try reader.read(.loopback, as: .yesNo)
    timestamp = try reader.read(.timestamp, as: .choice)
    receiveBuffer = try reader.read(.receiveBuffer, as: .bytes(Limits.receiveBuffer))
    log = Log(
      rate: try reader.read(.logRate, as: .integer(Limits.logRate)),
      burst: try reader.read(.logBurst, as: .integer(Limits.logBurst)),
      own: try reader.read(.logOwn, as: .yesNo),
      heartbeats: try reader.read(.logHeartbeats, as: .heartbeats),
      queue: try reader.read(.logQueue, as: .bytes(Limits.logQueue)),
      level: try reader.read(.logLevel, as: .choice))
    peersMax = try reader.read(.peersMax, as: .integer(Limits.peersMax))
    peersExpected = try reader.read(.peersExpected, as: .peers(Limits.peersExpected))
    effective = reader.effective
    self.warnings = warnings
  }

  private static let port = ValueFormat<UInt16>.integer(Limits.port)

  private static func unknownVariables(_ environment: [String: String]) -> [String] {
    let known = Set(Key.allCases.map(\.environmentName))
    return environment.keys.filter { !known.contains($0) }.sorted()
  }
}
