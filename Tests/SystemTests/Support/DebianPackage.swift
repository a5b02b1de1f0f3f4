// SPDX-License-Identifier: Apache-2.0

import Testing

/// The Debian package, built from this tree and the binary under test, once for all tests of a run.
struct DebianPackage: Sendable {
  /// On this machine.
  let path: String
  let version: String

  static let current = Task { try await build(suffix: "") }
  /// What a later build of the same source would be, packed in a hurry.
  static let next = Task {
    try await build(
      suffix: "+1", environment: ["DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"])
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

/// Boots one container for all tests of a suite and has apt install the package there. There is neither
/// Swift nor anything of ours in it before.
struct RunsPackage: SuiteTrait, TestScoping {
  @TaskLocal static var shared: Container?

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let package = try await DebianPackage.current.value
    try await Container.running { container in
      try await container.install(package)
      try await Self.$shared.withValue(container) { try await function() }
    }
  }
}

extension Trait where Self == RunsPackage {
  static var package: Self { Self() }
}

extension Container {
  /// The container of the suite that runs, with the package installed.
  static var packaged: Container {
    get throws {
      guard let shared = RunsPackage.shared else {
        throw NeverHappened(description: "this suite has no container with the package")
      }
      return shared
    }
  }

  /// What an operator does with a package that was downloaded.
  @discardableResult
  func install(_ package: DebianPackage) async throws -> Output {
    let path = "/root/mcastd_\(package.version).deb"
    try await put(package.path, at: path)
    // Without a network: all that it depends on must be in a minimal system.
    return try await apt("install", path)
  }

  @discardableResult
  func apt(_ arguments: String...) async throws -> Output {
    let process = try ChildProcess(
      inside(["apt-get", "--quiet", "--yes"] + arguments, environment: ["DEBIAN_FRONTEND": "noninteractive"]))
    return try await process.exit(within: .seconds(60)).checked()
  }
}
