// SPDX-License-Identifier: Apache-2.0

import Files
import Glibc
import Testing

@testable import Daemon

/// The files beside the source code that say the same thing as it does.
enum SourceTree {
  static func read(_ path: String, from here: String = #filePath) throws -> String {
    let root = here.split(separator: "/").dropLast(3).joined(separator: "/")
    return try text("/\(root)/\(path)")
  }

  /// A file anywhere.
  static func text(_ path: String) throws -> String {
    let file = try #require(fopen(path, "r"), "\(path)")
    defer { fclose(file) }
    var text: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&part, 1, part.count, file), count > 0 { text += part[..<count] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The Swift files below a folder.
  static func sources(in folder: String, from here: String = #filePath) throws -> [String] {
    let root = here.split(separator: "/").dropLast(3).joined(separator: "/")
    return try DirectoryNames.read("/\(root)/\(folder)").flatMap { name -> [String] in
      if name.hasSuffix(".swift") { return ["\(folder)/\(name)"] }
      return name.contains(".") ? [] : try sources(in: "\(folder)/\(name)", from: here)
    }
  }

  static func lines(_ path: String) throws -> [Substring] {
    try read(path).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The fields that the catalog's explanation of a kind names between two at signs.
  static func catalogFields(_ kind: MessageKind) throws -> Set<String> {
    let entry = try lines("systemd/mcastd.catalog").drop { $0 != "-- \(kind.messageID)" }.dropFirst()
      .prefix { !$0.hasPrefix("-- ") }.filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    let parts = entry.split(separator: "@", omittingEmptySubsequences: false)
    return Set(parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
  }
}

struct MessageKindTests {
  @Test("every kind has an ID of its own, of 32 lower-case hexadecimal digits")
  func identifiers() {
    let all = MessageKind.allCases.map(\.messageID)
    #expect(Set(all).count == all.count)
    for id in all {
      #expect(id.utf8.count == 32 && id.allSatisfy { "0123456789abcdef".contains($0) }, "\(id)")
    }
  }

  @Test("the catalog explains each kind, once, and nothing else; datagrams are not explained one by one")
  func catalog() throws {
    let lines = try SourceTree.lines("systemd/mcastd.catalog")
    let ids = lines.filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
    let explained = MessageKind.allCases.filter { $0 != .received }
    #expect(ids.sorted() == explained.map(\.messageID).sorted())
    for kind in explained {
      let place = try #require(lines.firstIndex(of: "-- \(kind.messageID)"))
      #expect(lines[place - 1] == "# \(kind)")
      #expect(lines[place + 1].hasPrefix("Subject: "))
    }
  }

  @Test("the manual lists each kind, once, with a priority")
  func manual() throws {
    let rows = try SourceTree.lines("packaging/man/mcastd.8.scd").compactMap { line -> String? in
      let words = line.split(separator: " ")
      guard words.count > 2, words[0].utf8.count == 32, words[0].allSatisfy(\.isHexDigit) else { return nil }
      #expect(["3", "4", "5", "6"].contains(words[1]), "\(line)")
      return String(words[0])
    }
    #expect(rows.sorted() == MessageKind.allCases.map(\.messageID).sorted())
  }

  @Test("the manual describes every field that an entry may have")
  func fields() throws {
    let manual = try SourceTree.read("packaging/man/mcastd.8.scd")
    let files = try SourceTree.sources(in: "Sources/Daemon")
    #expect(files.count > 100)
    let fields = try files.flatMap { file in
      try SourceTree.read(file).matches(of: /"(MCAST_[A-Z_]+|ERRNO)"/).map { String($0.1) }
    }
    #expect(Set(fields).count > 30)
    for field in Set(fields) { #expect(manual.contains("\(field)="), "\(field)") }
  }

  @Test("the version is the newest of the changelog")
  func version() throws {
    let newest = try #require(
      try SourceTree.lines("CHANGELOG.md").first { $0.hasPrefix("## [") && $0 != "## [Unreleased]" })
    #expect(newest.hasPrefix("## [\(Version.current)]"))
  }
}
