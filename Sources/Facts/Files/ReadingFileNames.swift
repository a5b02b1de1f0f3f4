// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Which of the names in a directory are readings.
package struct ReadingFileNames: Equatable, Sendable {
  /// Names in a directory that are looked at.
  package static let most = 1000
  /// Names that are no keys, and are told one by one.
  static let mostFaults = 32

  /// Those that are read, in order; `ReadingWords.most` at most.
  package let keys: [ReadingKey]
  /// Of the names, in no order.
  package let faults: [ReadingFileFault]

  /// - Parameters:
  ///   - names: In the directory, in any order. Of more than `most` the first are looked at.
  ///   - directory: Its path.
  package init(_ names: [String], directory: String) {
    var (keys, others): ([ReadingKey], [String]) = ([], [])
    for name in names.prefix(Self.most) where !Self.isIgnored(name) {
      if let key = ReadingKey(name) { keys.append(key) } else { others.append(name) }
    }
    keys.sort()
    others.sort()
    var faults = others.prefix(Self.mostFaults).map {
      ReadingFileFault(path: "\(directory)/\($0)", problem: .name)
    }
    func add(_ problem: ReadingFileFault.Problem) {
      faults.append(ReadingFileFault(path: directory, problem: problem))
    }
    if others.count > Self.mostFaults { add(.moreNames(count: others.count - Self.mostFaults)) }
    if keys.count > ReadingWords.most {
      add(.leftOut(keys[ReadingWords.most], count: keys.count - ReadingWords.most))
    }
    if names.count > Self.most { add(.tooManyNames) }
    self.keys = Array(keys.prefix(ReadingWords.most))
    self.faults = faults
  }

  /// Whether it is a file that an editor, a package manager or an atomic write leaves for a while, or one
  /// that is hidden.
  package static func isIgnored(_ name: String) -> Bool {
    name.hasPrefix(".") || name.contains(".dpkg-")
      || ["~", ".tmp", ".new", ".swp"].contains { name.hasSuffix($0) }
  }
}
