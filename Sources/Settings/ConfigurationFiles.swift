// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The assignments of a configuration file and its drop-ins, each with its line.
struct ConfigurationFiles: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    var value: String
    var origin: Origin
  }

  /// Keys that are set. A later line or file overrides an earlier one; an empty value resets the key.
  private(set) var entries: [Key: Entry] = [:]
  /// Names that are no key, in the order of files and lines.
  private(set) var unknown: [UnknownName] = []
  /// Files that cannot be read, and lines that are not INI.
  private(set) var faults: [SettingsFault] = []

  init() {}

  /// Reads `path` and then `path.d/*.conf` in the order of their names, as systemd does.
  ///
  /// - Parameter mustExist: whether the absence of `path` is a fault. That of the directory never is.
  init(path: String, mustExist: Bool) {
    let main = FileBytes(path)
    if mustExist || !main.isAbsent { add(main, path: path) }
    let directory = path + ".d"
    do throws(SettingsFault) {
      for name in try FileBytes.names(in: directory) where name.hasSuffix(".conf") && !name.hasPrefix(".") {
        let path = directory + "/" + name
        add(FileBytes(path), path: path)
      }
    } catch {
      faults.append(error)
    }
  }

  private mutating func add(_ bytes: FileBytes, path: String) {
    switch bytes {
    case .read(let bytes):
      let contents = INI.parse(bytes)
      add(contents.assignments, path: path)
      for error in contents.errors {
        faults.append(SettingsFault(origin: .file(path: path, line: error.line), problem: error.problem))
      }
    case .refused(let failure):
      faults.append(
        SettingsFault(
          origin: .file(path: path, line: 0),
          problem: "\(failure.call): \(ErrnoAdvice.unreadable(failure.errno))"))
    }
  }

  /// Adds the assignments of one file, which override those before.
  mutating func add(_ assignments: [INI.Assignment], path: String) {
    for assignment in assignments {
      let origin = Origin.file(path: path, line: assignment.line)
      guard let key = Key(rawValue: assignment.name) else {
        unknown.append(UnknownName(section: assignment.section, key: assignment.key, origin: origin))
        continue
      }
      entries[key] = assignment.value.isEmpty ? nil : Entry(value: assignment.value, origin: origin)
    }
  }
}
