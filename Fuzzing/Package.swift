// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// The libFuzzer targets, one for each parser of bytes from outside, and for what
/// follows from their numbers. A package of its own, because everything in it
/// is built with the fuzzer's instrumentation; it has the daemon's modules by links to their folders.
///
/// `packaging/fuzz TARGET SECONDS` builds and runs one.
let targets = ["heartbeat", "peers", "restored", "netlink", "packet", "varlink", "ini", "journal"]

let package = Package(
  name: "mcastd",
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
  ],
  targets: [
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CLinux"),
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
  ]
    + targets.map { target in
      .executableTarget(
        name: "fuzz-\(target)",
        dependencies: ["Heartbeat", "Multicast", "Settings", "Systemd", "Varlink"],
        // libFuzzer has the main function.
        swiftSettings: [.unsafeFlags(["-parse-as-library"])]
      )
    },
  swiftLanguageModes: [.v6]
)
