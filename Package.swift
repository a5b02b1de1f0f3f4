// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Set where a warning must not pass: it becomes an error in our own targets, not in the dependencies'.
let strictness: [SwiftSetting] =
  Context.environment["MCASTD_WARNINGS_AS_ERRORS"] == "1" ? [.treatAllWarnings(as: .error)] : []

/// The toolchain's own linker, the same on every Debian: that of Debian 13 leaves RELRO out. All symbols are
/// bound at the start, so that the table of their addresses is read-only from then on. Relocations are packed
/// (glibc 2.36, Debian 12): 10 kB are read at the start instead of 1.1 MB, which stayed in memory. No symbols
/// are exported, for no library looks any up: 0.8 MB of names less. Who reads a core dump has those of the
/// package of debug symbols.
let hardening: [LinkerSetting] = [
  .unsafeFlags(
    ["-use-ld=lld", "-Xlinker", "--no-export-dynamic"]
      + ["relro", "now", "pack-relative-relocs"].flatMap { ["-Xlinker", "-z", "-Xlinker", $0] },
    .when(platforms: [.linux], configuration: .release))
]

/// For modules of which no code runs for each datagram: what is rarely waited for takes less memory.
let small: [SwiftSetting] = [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// The modules, from the floor up: each knows only what stands above it in this list. `docs/ARCHITECTURE.md`
/// says what each is for.
let modules: [Target] = [
  .systemLibrary(name: "CLinux"),
  .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
  .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
  .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
  .target(name: "CArguments"),
  .target(name: "Platform", dependencies: ["CLinux"]),
  .target(name: "Heartbeat", dependencies: ["CSodium", "Platform"]),
  .target(name: "Liveness", dependencies: ["Platform", "Heartbeat"]),
  .target(name: "Facts", dependencies: ["Platform", "Heartbeat", "Liveness"]),
  .target(name: "Rules", dependencies: ["Platform", "Heartbeat", "Liveness", "Facts"], swiftSettings: small),
  .target(name: "Monitor", dependencies: ["Platform", "Heartbeat", "Liveness", "Facts", "Rules"]),
  .target(name: "Multicast", dependencies: ["CLinux", "Platform"]),
  .target(
    name: "Journal",
    dependencies: ["CLinux", "Platform", "Heartbeat", "Liveness", "Facts", "Rules", "Monitor"]),
  .target(name: "Systemd", dependencies: ["CSystemd", "Platform"], swiftSettings: small),
  .target(
    name: "Settings",
    dependencies: [
      "Platform", "Heartbeat", "Liveness", .product(name: "Configuration", package: "swift-configuration"),
    ],
    swiftSettings: small
  ),
  .target(name: "Varlink", dependencies: ["CLinux", "Platform"], swiftSettings: small),
  .target(name: "Metrics", dependencies: ["Platform"], swiftSettings: small),
  .target(
    name: "Control",
    dependencies: [
      "Platform", "Heartbeat", "Liveness", "Facts", "Rules", "Multicast", "Settings", "Varlink", "Metrics",
    ],
    swiftSettings: small
  ),
  .target(
    name: "Daemon",
    dependencies: [
      "CLinux", "Platform", "Heartbeat", "Liveness", "Facts", "Rules", "Monitor", "Multicast", "Journal",
      "Systemd", "Settings", "Varlink", "Metrics", "Control",
    ]
  ),
  .target(name: "Doctor", dependencies: ["Platform", "Multicast", "Settings"], swiftSettings: small),
  .target(
    name: "Watch", dependencies: ["Platform", "Heartbeat", "Liveness", "Facts", "Multicast", "Settings"],
    swiftSettings: small),
  .target(
    name: "Demo",
    dependencies: ["CLinux", "Platform", "Heartbeat", "Liveness", "Facts", "Multicast", "Control"],
    swiftSettings: small),
  .target(
    name: "MQTT",
    dependencies: [
      "CMosquitto", "CLinux", "Platform", "Heartbeat", "Liveness", "Facts", "Rules", "Systemd", "Varlink",
      "Control",
    ],
    swiftSettings: small),
  .target(
    name: "CommandLineTool",
    dependencies: [
      "CArguments", "Platform", "Control",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: small),
  .executableTarget(
    name: "mcastd",
    dependencies: [
      "Platform", "Heartbeat", "Facts", "Rules", "Multicast", "Settings", "Metrics", "Control", "Daemon",
      "Doctor", "Watch", "Demo", "CommandLineTool",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: small,
    linkerSettings: hardening
  ),
  .executableTarget(
    name: "mcastd-mqtt",
    dependencies: [
      "Platform", "MQTT", "CommandLineTool",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: small,
    linkerSettings: hardening
  ),
]

/// A folder of tests for each module, and what they share.
let tests: [Target] =
  [
    .target(
      name: "TestSupport", dependencies: ["CLinux", "Platform", "Heartbeat", "Multicast"],
      path: "Tests/TestSupport", exclude: ["FUSE"])
  ]
  + [
    "Platform", "Heartbeat", "Liveness", "Facts", "Monitor", "Multicast", "Journal", "Systemd", "Settings",
    "Varlink", "Metrics", "Control", "Watch", "Demo", "MQTT",
  ].map { .testTarget(name: "\($0)Tests", dependencies: [.init(stringLiteral: $0), "TestSupport"]) }
  + [
    .testTarget(
      name: "RulesTests", dependencies: ["Rules", "Simulation", "TestSupport"], exclude: ["Oracle"]),
    .testTarget(name: "DaemonTests", dependencies: ["Daemon", "TestSupport"]),
    .testTarget(name: "DoctorTests", dependencies: ["Doctor", "TestSupport"], exclude: ["Rulesets"]),
    .testTarget(
      name: "CommandTests",
      dependencies: ["mcastd", "mcastd-mqtt", "CommandLineTool", "Heartbeat", "Settings", "TestSupport"]),
    .testTarget(
      name: "SystemTests", dependencies: ["mcastd", "mcastd-mqtt", "Systemd", "Daemon", "TestSupport"],
      exclude: ["Peers"]),
  ]

/// The whole daemon in simulated time, and the program that runs seeds.
let simulation: [Target] = [
  .target(
    name: "Simulation",
    dependencies: [
      "CLinux", "Platform", "Heartbeat", "Liveness", "Facts", "Rules", "Monitor", "Multicast", "Journal",
      "Daemon", "TestSupport",
    ],
    path: "Tests/Simulation",
    exclude: ["Mutants"],
    // One thread, and millions of accesses a second to what a world has: in a profile, checks of exclusivity
    // were a tenth of all samples, and counts of references a sixth.
    swiftSettings: [
      .unsafeFlags(
        ["-enforce-exclusivity=unchecked", "-Xfrontend", "-assume-single-threaded"],
        .when(configuration: .release))
    ]),
  .executableTarget(name: "simulate", dependencies: ["Simulation"], path: "Tests/Simulate"),
  .testTarget(name: "SimulationTests", dependencies: ["Simulation", "simulate"]),
]

/// libFuzzer's targets, one for each parser of bytes from outside, and for what follows from their numbers.
/// `packaging/fuzz` sets the variable, for they need a build with the fuzzer's instrumentation.
let fuzzing: [Target] =
  Context.environment["MCASTD_FUZZING"] == "1"
  ? [
    "heartbeat", "authentication", "keys", "facts", "readings", "contents", "peers", "restored", "netlink",
    "packet", "varlink", "ini", "journal", "rules", "scenarios", "replay", "scrape", "mqtt-import",
    "mqtt-config",
  ].map { name in
    .executableTarget(
      name: "fuzz-\(name)",
      dependencies: [
        "Platform", "Heartbeat", "Liveness", "Facts", "Rules", "Multicast", "Journal", "Settings", "Varlink",
        "Metrics", "Control", "MQTT",
      ],
      path: "Fuzzing/\(name)",
      // libFuzzer has the main function.
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]
    )
  } : []

/// The micro-benchmarks, and the package that runs them: `MCASTD_BENCHMARKS=1 swift package benchmark`.
let benchmarks: (packages: [Package.Dependency], targets: [Target]) =
  Context.environment["MCASTD_BENCHMARKS"] == "1"
  ? (
    // Without traits it needs no interposer for malloc; allocations are counted by `Benchmarks/compare`
    // instead.
    [.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])],
    [
      .executableTarget(
        name: "Micro",
        dependencies: [
          "Platform", "Heartbeat", "Liveness", "Monitor", "Multicast", "Journal",
          .product(name: "Benchmark", package: "benchmark"),
        ],
        path: "Benchmarks/Micro",
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
      )
    ]
  ) : ([], [])

let package = Package(
  name: "mcastd",
  products: [
    .executable(name: "mcastd", targets: ["mcastd"]),
    .executable(name: "mcastd-mqtt", targets: ["mcastd-mqtt"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // Without traits it stays clear of full Foundation, which would cost 40 MB of binary.
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
  ] + benchmarks.packages,
  targets: modules + tests + simulation + fuzzing + benchmarks.targets,
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = (target.swiftSettings ?? []) + strictness
}
