// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Journal
@testable import Platform

struct MessageKindTests {
  @Test("every kind has an ID of its own, of 32 lower-case hexadecimal digits")
  func identifiers() {
    let all = MessageKind.allCases.map(\.messageID)
    #expect(Set(all).count == all.count)
    for id in all {
      #expect(id.utf8.count == 32 && id.allSatisfy { "0123456789abcdef".contains($0) }, "\(id)")
    }
  }

  /// What stands above the explanations.
  private static let header = """
    # SPDX-License-Identifier: Apache-2.0

    # What `journalctl -x` prints below the entries of mcastd. Made of Sources/Journal/Catalogue by
    # packaging/update-catalog; a test compares the two.
    # Format: https://systemd.io/CATALOG. A field between two at signs must be in every entry of its kind.
    # Datagrams that are received have no explanation: "journalctl -x" would show it below each of them.


    """

  @Test("the catalog is what the kinds say; packaging/update-catalog writes it")
  func generated() throws {
    let sections = MessageKind.allCases.compactMap { kind in kind.explanation?.section(for: kind) }
    let text = Self.header + sections.joined(separator: "\n")
    let path = "systemd/mcastd.catalog"
    if getenv("MCASTD_UPDATE_CATALOG") != nil { try SourceTree.write(text, to: path) }
    #expect(try SourceTree.lines(path) == text.split(separator: "\n", omittingEmptySubsequences: false))
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
    let files = try ["Sources/Journal", "Sources/Daemon", "Sources/Monitor"].flatMap {
      try SourceTree.sources(in: $0)
    }
    #expect(files.count > 40)
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
