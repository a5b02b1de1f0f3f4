// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The files of the project, for tests that hold them to one another.
package enum SourceTree {
  /// The folder of the package.
  package static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  package static func read(_ path: String) throws -> String { try text("\(root)/\(path)") }

  /// Replaces a file of the project.
  package static func write(_ text: String, to path: String) throws {
    guard let file = fopen("\(root)/\(path)", "w") else {
      throw TestFailure(call: "fopen \(path)", errno: errno)
    }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten else { throw TestFailure(call: "fclose \(path)", errno: errno) }
  }

  /// A file anywhere.
  package static func text(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw TestFailure(call: "fopen \(path)", errno: errno) }
    defer { fclose(file) }
    var text: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&part, 1, part.count, file), count > 0 { text += part[..<count] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The Swift files below a folder.
  package static func sources(in folder: String) throws -> [String] {
    try DirectoryNames.read("\(root)/\(folder)").flatMap { name -> [String] in
      if name.hasSuffix(".swift") { return ["\(folder)/\(name)"] }
      return name.contains(".") ? [] : try sources(in: "\(folder)/\(name)")
    }
  }

  package static func lines(_ path: String) throws -> [Substring] {
    try read(path).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The fields that the catalog's explanation of a MESSAGE_ID names between two at signs.
  package static func catalogFields(_ messageID: String) throws -> Set<String> {
    let entry = try lines("systemd/mcastd.catalog").drop { $0 != "-- \(messageID)" }.dropFirst()
      .prefix { !$0.hasPrefix("-- ") }.filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    let parts = entry.split(separator: "@", omittingEmptySubsequences: false)
    return Set(parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
  }
}
