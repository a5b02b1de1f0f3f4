// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Set where a warning must not pass: it becomes an error in our own targets, not in the dependencies'.
let strictness: [SwiftSetting] =
  Context.environment["MCASTD_WARNINGS_AS_ERRORS"] == "1" ? [.treatAllWarnings(as: .error)] : []

/// The toolchain's own linker, the same on every Debian: that of Debian 13 leaves RELRO out. All symbols are bound at
/// the start, so that the table of their addresses is read-only from then on.
let hardening: [LinkerSetting] = [
  .unsafeFlags(
    ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "relro", "-Xlinker", "-z", "-Xlinker", "now"],
    .when(platforms: [.linux], configuration: .release))
]

/// Imports run one way: mcastd → Daemon → the modules below it, which do not know one another
/// (Settings alone borrows Multicast's address types, and Files is below all).
let package = Package(
  name: "mcastd",
  products: [.executable(name: "mcastd", targets: ["mcastd"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    // Without traits it stays clear of full Foundation, which would cost 40 MB of binary.
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CSystemd",
      pkgConfig: "libsystemd",
      providers: [.apt(["libsystemd-dev"])]
    ),
    .systemLibrary(name: "CLinux"),
    .target(name: "CArguments"),
    .target(name: "EventLoop"),
    .target(name: "Files"),
    .target(name: "Heartbeat"),
    .target(name: "Multicast", dependencies: ["CLinux"]),
    .target(
      name: "Systemd",
      dependencies: ["CSystemd", "CLinux", .product(name: "Logging", package: "swift-log")]
    ),
    .target(name: "Varlink", dependencies: ["CLinux", "EventLoop"]),
    .target(
      name: "Settings",
      dependencies: ["Files", "Multicast", .product(name: "Configuration", package: "swift-configuration")]
    ),
    .target(
      name: "Daemon",
      dependencies: [
        "CLinux", "EventLoop", "Files", "Heartbeat", "Multicast", "Settings", "Systemd", "Varlink",
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .executableTarget(
      name: "mcastd",
      dependencies: [
        "CArguments", "Daemon", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      linkerSettings: hardening
    ),
    .testTarget(name: "HeartbeatTests", dependencies: ["Heartbeat"]),
    .testTarget(name: "MulticastTests", dependencies: ["Multicast"]),
    .testTarget(name: "SystemdTests", dependencies: ["Systemd"]),
    .testTarget(name: "VarlinkTests", dependencies: ["Varlink"]),
    .testTarget(name: "SettingsTests", dependencies: ["Settings"]),
    .testTarget(name: "DaemonTests", dependencies: ["Daemon", "Files"], exclude: ["Rulesets"]),
    .testTarget(name: "SystemTests", dependencies: ["mcastd"], exclude: ["Actors"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = (target.swiftSettings ?? []) + strictness
}
