// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// A package of its own, so that what the benchmarks need is not what the daemon needs.
///
/// Its modules are the daemon's, by symbolic links: `package` access ends at a package's edge, and two packages with
/// one source have no copy that could differ. Of Daemon, whose types are its own, single files are linked into the
/// benchmark itself.
let package = Package(
  name: "Benchmarks",
  dependencies: [
    // Without traits it needs no interposer for malloc; allocations are counted by `compare` instead.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CSystemd",
      pkgConfig: "libsystemd",
      providers: [.apt(["libsystemd-dev"])]
    ),
    .systemLibrary(name: "CLinux"),
    .target(name: "Heartbeat"),
    .target(name: "Multicast", dependencies: ["CLinux"]),
    .target(
      name: "Systemd",
      dependencies: ["CSystemd", "CLinux", .product(name: "Logging", package: "swift-log")]
    ),
    .executableTarget(
      name: "Micro",
      dependencies: [
        "Heartbeat", "Multicast", "Systemd",
        .product(name: "Benchmark", package: "benchmark"),
      ],
      // Where the plugin looks for benchmarks.
      path: "Benchmarks/Micro",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
    ),
  ],
  swiftLanguageModes: [.v6]
)
