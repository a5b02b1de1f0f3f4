// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

/// What a machine must offer before these tests can run, and what to do about it where it does not.
enum SystemTestRequirements {
  private static let programs: [(name: String, package: String)] = [
    ("systemd-nspawn", "systemd-container"), ("debootstrap", "debootstrap"), ("ip", "iproute2"),
    ("mosquitto", "mosquitto"), ("mosquitto_sub", "mosquitto-clients"),
    ("prometheus", "prometheus"), ("prometheus-node-exporter", "prometheus-node-exporter"),
    ("nsenter", "util-linux"), ("unshare", "util-linux"), ("python3", "python3"), ("tmux", "tmux"),
  ]

  /// One line each; empty where everything is there. Found out once.
  static let missing = Task { await findMissing() }

  private static func findMissing() async -> [String] {
    var missing: [String] = []
    for program in programs where !isInPath(program.name) {
      missing.append("\(program.name) (apt-get install \(program.package))")
    }
    if access(Repository.binary, X_OK) != 0 {
      missing.append("\(Repository.binary) (packaging/test builds it)")
    }
    if geteuid() != 0 {
      missing.append("root (sudo packaging/test)")
    } else if missing.isEmpty {
      // Root in an ordinary container is not enough.
      let probe = try? await ChildProcess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"])
      if probe?.succeeded != true { missing.append("the right to make namespaces (CAP_SYS_ADMIN)") }
    }
    return missing
  }

  private static func isInPath(_ program: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }
}

/// Skips a test where something is missing, and names it. With MCASTD_REQUIRE_SYSTEM_TESTS=1, as in CI,
/// that is a failure instead: there nothing may be skipped unnoticed.
struct NeedsSystem: SuiteTrait, TestTrait {
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  func prepare(for test: Test) async throws {
    let missing = await SystemTestRequirements.missing.value
    guard !missing.isEmpty else { return }
    let need = "system tests need \(missing.joined(separator: ", "))"
    if ProcessInfo.processInfo.environment["MCASTD_REQUIRE_SYSTEM_TESTS"] == "1" {
      throw Missing(description: need)
    }
    try Test.cancel("\(need)")
  }
}

extension Trait where Self == NeedsSystem {
  static var needsSystem: Self { Self() }
}
