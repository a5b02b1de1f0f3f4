// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a configuration file and its drop-ins say together, each with the line that says it.
struct ConfigurationFiles: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    var value: String
    var origin: Origin
  }

  /// Keys that are set; what a later line or file sets to nothing is back at its default.
  private(set) var entries: [Key: Entry] = [:]
  /// Keys that nobody reads, in the order of files and lines.
  private(set) var unknown: [(name: String, origin: Origin)] = []

  static func == (left: Self, right: Self) -> Bool {
    left.entries == right.entries && left.unknown.elementsEqual(right.unknown, by: ==)
  }

  init() {}

  /// Reads `path` and then `path.d/*.conf` in the order of their names, as systemd does.
  ///
  /// - Parameter mustExist: whether the absence of `path` is an error; that of the directory never is.
  /// - Throws: `SettingsError` for a file that cannot be read or is not INI.
  init(path: String, mustExist: Bool) throws(SettingsError) {
    let main = FileBytes(path)
    if mustExist || !main.isAbsent { try add(main, path: path) }
    let directory = path + ".d"
    for name in try FileBytes.names(in: directory) where name.hasSuffix(".conf") && !name.hasPrefix(".") {
      let path = directory + "/" + name
      try add(FileBytes(path), path: path)
    }
  }

  private mutating func add(_ bytes: FileBytes, path: String) throws(SettingsError) {
    switch bytes {
    case .read(let bytes):
      do throws(INI.SyntaxError) {
        add(try INI.parse(bytes), path: path)
      } catch {
        throw SettingsError(origin: .file(path: path, line: error.line), accepted: error.problem)
      }
    case .refused(let errno):
      throw SettingsError(origin: .file(path: path, line: 0), accepted: String(cString: strerror(errno)))
    }
  }

  /// Adds what one file says, over what is there.
  mutating func add(_ assignments: [INI.Assignment], path: String) {
    for assignment in assignments {
      let origin = Origin.file(path: path, line: assignment.line)
      guard let key = Key(rawValue: assignment.name) else {
        unknown.append((assignment.name, origin))
        continue
      }
      entries[key] = assignment.value.isEmpty ? nil : Entry(value: assignment.value, origin: origin)
    }
  }
}
