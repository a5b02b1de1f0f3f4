// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport
import Testing

extension SystemTests {
  /// The bill of materials that each package has in its documentation (`packaging/sbom`).
  @Suite("the packages' bills of materials")
  struct PackageBillTests {
    private static let packages = ["mcastd", "mcastd-mqtt"]

    @Test("it is valid CycloneDX 1.6, by that project's own library", arguments: packages)
    func valid(name: String) async throws {
      let validator = ["python3", Repository.peer("validate-bill")]
      let text = try await Self.text(of: name)
      let output = try await ChildProcess.run(validator, input: Array(text.utf8))
      #expect(output.succeeded, "\(output)")
      #expect(try Self.bill(text).specVersion == "1.6")
      // It does look.
      let wrong = text.replacing(#""bomFormat": "CycloneDX""#, with: #""bomFormat": "other""#)
      #expect(try await ChildProcess.run(validator, input: Array(wrong.utf8)).status == .exited(1))
    }

    @Test("it is about the package, and the same wherever that is built", arguments: packages)
    func subject(name: String) async throws {
      let version = try await DebianPackage.current.value.version
      let text = try await Self.text(of: name)
      let bill = try Self.bill(text)
      #expect(bill.metadata.component.name == name && bill.metadata.component.version == version)
      let date = try await ChildProcess.run([Repository.path("/packaging/changelog-to-debian"), "--date"])
        .checked().lines[0]
      #expect(bill.metadata.timestamp == "\(date)T00:00:00Z")
      // No path, and no revision of a repository.
      let directory = Repository.path("")
      #expect(!text.contains(directory) && !text.contains("checkouts") && !text.contains("file:"))
      #expect(text.firstMatch(of: /[0-9a-f]{40}/) == nil)
    }

    @Test(
      "the shared libraries in it are those that the package depends on, in the versions of this machine",
      arguments: packages)
    func libraries(name: String) async throws {
      let package = try await DebianPackage.current.value
      let path = name == "mcastd" ? package.path : package.bridgePath
      let depends = try await ChildProcess.run(["dpkg-deb", "--field", path, "Depends"]).checked().text
      let names = Set(depends.split(separator: ",").compactMap { $0.firstMatch(of: /lib[^ \n]+/)?.0 })
      let shown = try await ChildProcess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n"] + names.map(String.init)
      ).checked().lines
      let components = try await Self.components(of: name) { $0.purl.hasPrefix("pkg:deb/debian/") }
      #expect(Set(components) == Set(shown))
      #expect(components.count == names.count && names.count == (name == "mcastd" ? 5 : 6))
    }

    @Test(
      "the Swift packages in it are those that are linked, in the versions that were resolved",
      arguments: packages)
    func swiftPackages(name: String) async throws {
      let resolved = try JSONDecoder().decode(
        Resolved.self, from: Data(try SourceTree.read("Package.resolved").utf8))
      // The two of Package.swift, and what they are made of. swift-log and others are resolved, not linked.
      let linked = [
        "swift-argument-parser", "swift-collections", "swift-configuration", "swift-system",
      ]
      let expected = resolved.pins.filter { linked.contains($0.identity) }.map {
        "\($0.identity) \($0.state.version ?? "")"
      }
      let components = try await Self.components(of: name) {
        $0.purl.hasPrefix("pkg:swift/github.com/apple/\($0.name)@")
      }
      #expect(components.sorted() == expected.sorted() && expected.count == linked.count)
    }

    @Test("the toolchain's parts in it have the version of the toolchain", arguments: packages)
    func runtime(name: String) async throws {
      let swift = try await ChildProcess.run([Repository.path("/packaging/find-swift")]).checked().lines[0]
      let output = try await ChildProcess.run([swift, "--version"]).checked()
      let release = try #require(output.text.firstMatch(of: /\((swift-(.+)-RELEASE)\)/))
      let components = try await Self.components(of: name) { $0.purl.hasSuffix("@\(release.1)") }
      let parts = ["swift", "swift-corelibs-libdispatch", "swift-foundation"]
      #expect(components == parts.map { "\($0) \(release.2)" })
    }

    @Test("nothing else is in it", arguments: packages)
    func complete(name: String) async throws {
      #expect(try await Self.components(of: name) { _ in true }.count == 3 + 4 + (name == "mcastd" ? 5 : 6))
    }

    @Test(
      "what is linked and has no version, or an address that says nothing to others, ends the build",
      arguments: [
        (#""version" : "1."#, #""branch" : "1."#), ("https://github.com/apple/", "file:///srv/"),
        (#""swift-system""#, #""swift-subsystem""#),
      ])
    func refused(change: (from: String, to: String)) async throws {
      let text = try SourceTree.read("Package.resolved")
      let changed = text.replacing(change.from, with: change.to)
      #expect(changed != text)
      let path = try TestRun.current.get().directory + "/Package.resolved"
      try await ChildProcess.run(["tee", path], input: Array(changed.utf8)).checked()
      let output = try await ChildProcess.run(
        [Repository.path("/packaging/sbom"), "mcastd", "1.0", Repository.binary, path])
      #expect(output.status == .exited(1) && output.text == "")
      #expect(output.errorText.hasPrefix("sbom: swift-"), "\(output)")
    }

    // MARK: The document

    private struct Bill: Decodable {
      struct Metadata: Decodable {
        var timestamp: String
        var component: Component
      }

      struct Component: Decodable {
        var name: String
        var version: String
        var purl: String
      }

      var specVersion: String
      var metadata: Metadata
      var components: [Component]
    }

    /// Package.resolved.
    private struct Resolved: Decodable {
      struct Pin: Decodable {
        struct State: Decodable {
          var version: String?
        }

        var identity: String
        var state: State
      }

      var pins: [Pin]
    }

    private static func text(of name: String) async throws -> String {
      let package = try await DebianPackage.current.value
      let command = #"dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/share/doc/$2/$2.cdx.json""#
      return try await ChildProcess.run(
        ["sh", "-c", command, "bill", name == "mcastd" ? package.path : package.bridgePath, name]
      ).checked().text
    }

    private static func bill(_ text: String) throws -> Bill {
      try JSONDecoder().decode(Bill.self, from: Data(text.utf8))
    }

    /// Name and version of each that is wanted.
    private static func components(
      of name: String, where isWanted: (Bill.Component) -> Bool
    ) async throws -> [String] {
      try await bill(text(of: name)).components.filter(isWanted).map { "\($0.name) \($0.version)" }
    }
  }
}
