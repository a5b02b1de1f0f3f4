// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

/// The Debian package, built from this tree and the binary under test, once for all tests of a run.
struct DebianPackage: Sendable {
  /// On this machine.
  let path: String
  let version: String

  /// That of the bridge, which is built with it.
  var bridgePath: String { path.replacing("/mcastd_", with: "/mcastd-mqtt_") }

  static let current = Task { try await build(suffix: "") }
  /// What a later build of the same source would be, packed in a hurry.
  static let next = Task {
    try await build(
      suffix: "+1", environment: ["DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"])
  }

  /// An older version of the package, with its units below /lib as 0.1.0 had them.
  static let older = Task {
    let current = try await Self.current.value
    let (version, directory) = ("0.0.9", try TestRun.current.get().directory + "/package-older")
    let path = "\(directory)/mcastd_\(version).deb"
    let repack = """
      set -e
      mkdir "$2"
      dpkg-deb --raw-extract "$1" "$2/tree"
      cd "$2/tree"
      mkdir -p lib/systemd
      mv usr/lib/systemd/system lib/systemd
      sed -i 's|  usr/lib/systemd/system|  lib/systemd/system|' DEBIAN/md5sums
      sed -i "s|^Version: .*|Version: $3|" DEBIAN/control
      dpkg-deb --root-owner-group -Zgzip -z1 --build . "$4"
      """
    try await ChildProcess.run(
      ["sh", "-c", repack, "repack", current.path, directory, version, path], within: .seconds(60)
    ).checked()
    return DebianPackage(path: path, version: version)
  }

  /// The package of 0.1.0 as it was released; nil without the history (`packaging/package-0.1.0`).
  static let released = ProcessInfo.processInfo.environment["MCASTD_OLD_PACKAGE"].map {
    DebianPackage(path: $0, version: "0.1.0")
  }

  private static func build(
    suffix: String, environment: [String: String] = [:]
  ) async throws -> DebianPackage {
    let directory = try TestRun.current.get().directory + "/package\(suffix)"
    let output = try await ChildProcess.run(
      [Repository.path("/packaging/build-deb"), "--suffix", suffix, "--output", directory],
      environment: [
        "MCASTD_BINARY": Repository.binary,
        // A package of debug symbols takes as long again.
        "DEB_BUILD_OPTIONS": "noautodbgsym",
      ].merging(environment) { $1 },
      within: .seconds(240)
    ).checked()
    let version = try await ChildProcess.run([Repository.path("/packaging/version")]).checked().lines[0]
    return DebianPackage(path: output.lines.last ?? "", version: version + suffix)
  }
}

/// Boots a container of each release for all tests of a suite and has apt install the package there. There is
/// neither Swift nor anything of ours in it before.
struct RunsPackage: SuiteTrait, TestScoping {
  @TaskLocal static var shared: [DebianRelease: Container] = [:]

  let releases: [DebianRelease]

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let package = try await DebianPackage.current.value
    try await run(releases[...], package, function)
  }

  private func run(
    _ releases: ArraySlice<DebianRelease>, _ package: DebianPackage,
    _ function: @Sendable () async throws -> Void
  ) async throws {
    guard let release = releases.first else { return try await function() }
    try await Container.running(on: release) { container in
      try await container.install(package)
      var shared = Self.shared
      shared[release] = container
      try await Self.$shared.withValue(shared) { try await run(releases.dropFirst(), package, function) }
    }
  }
}

extension Trait where Self == RunsPackage {
  static var package: Self { Self(releases: DebianRelease.tested) }

  static func package(on release: DebianRelease) -> Self { Self(releases: [release]) }
}

extension Container {
  /// The container of the suite that runs, with the package installed.
  static func packaged(on release: DebianRelease) throws -> Container {
    guard let shared = RunsPackage.shared[release] else {
      throw NeverHappened(description: "this suite has no container of \(release) with the package")
    }
    return shared
  }

  /// What an operator does with a package that was downloaded.
  @discardableResult
  func install(_ package: DebianPackage) async throws -> Output {
    let path = "/root/mcastd_\(package.version).deb"
    try await put(package.path, at: path)
    // Without a network: all that it depends on must be there.
    return try await apt("install", "--allow-downgrades", path)
  }

  /// The bridge, of the same version.
  func installBridge(_ package: DebianPackage) async throws {
    let path = "/root/mcastd-mqtt_\(package.version).deb"
    try await put(package.bridgePath, at: path)
    try await apt("install", path)
  }

  @discardableResult
  func apt(_ arguments: String...) async throws -> Output {
    let process = try ChildProcess(
      inside(["apt-get", "--quiet", "--yes"] + arguments, environment: ["DEBIAN_FRONTEND": "noninteractive"]))
    return try await process.exit(within: .seconds(60)).checked()
  }
}
