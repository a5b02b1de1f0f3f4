// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The rules of the packet filter as nft(8) and iptables-save(8) print them, and what could not be read.
struct FirewallReading {
  /// Why some rules are not known.
  struct Gap: Equatable {
    var found: String
    var meaning: String
    var action: String?
  }

  private(set) var chains: [FirewallChain] = []
  private(set) var gaps: [Gap] = []

  /// Reads all chains that a packet can traverse.
  init() {
    readNftables()
    // Tables of legacy iptables. The kernel lists them only where they are in use; reading others would load
    // modules.
    for (file, family) in [("ip_tables_names", AddressFamily.ipv4), ("ip6_tables_names", .ipv6)] {
      guard let tables = ProcFile.read(ProcFile.network + file), !tables.isEmpty else { continue }
      readIptables(family, variant: "legacy")
    }
  }

  private mutating func readNftables() {
    do throws(CommandOutput.Failure) {
      let output = try CommandOutput.read(
        ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"], ["-j", "list", "ruleset"])
      guard let ruleset = NftRuleset(json: output) else {
        gaps.append(Gap(found: "nft's JSON is not understood", meaning: "its rules are not known"))
        return
      }
      chains = ruleset.chains
      for scope in ruleset.opaqueScopes.sorted() { replace(scope) }
    } catch {
      gaps.append(Self.gap(error, program: "nft", package: "nftables"))
    }
  }

  /// nft prints extensions of iptables without their conditions (`"xt"`); iptables-nft-save prints them.
  private mutating func replace(_ scope: String) {
    let family: AddressFamily
    switch scope.prefix(while: { $0 != " " }) {
    case "ip": family = .ipv4
    case "ip6": family = .ipv6
    default: return
    }
    guard let output = try? CommandOutput.read(Self.paths(family, variant: "nft"), []) else { return }
    let wanted = IptablesRules.scope(family, table: String(scope.drop { $0 != " " }.dropFirst()))
    let read = IptablesRules.parse(String(decoding: output, as: UTF8.self), family)
      .filter { $0.scope == wanted }
    guard !read.isEmpty else { return }
    chains.removeAll { $0.scope == scope }
    chains += read
  }

  private mutating func readIptables(_ family: AddressFamily, variant: String) {
    do throws(CommandOutput.Failure) {
      let output = try CommandOutput.read(Self.paths(family, variant: variant), [])
      chains += IptablesRules.parse(String(decoding: output, as: UTF8.self), family)
    } catch {
      gaps.append(
        Self.gap(error, program: "\(Self.program(family))-\(variant)-save", package: "iptables"))
    }
  }

  private static func program(_ family: AddressFamily) -> String {
    family == .ipv4 ? "iptables" : "ip6tables"
  }

  private static func paths(_ family: AddressFamily, variant: String) -> [String] {
    ["/usr/sbin", "/sbin"].map { "\($0)/\(program(family))-\(variant)-save" }
  }

  static func gap(
    _ failure: CommandOutput.Failure, program: String, package: String, isRoot: Bool = geteuid() == 0
  ) -> Gap {
    switch failure {
    case .notInstalled:
      return Gap(
        found: "\(program) is not installed", meaning: "the rules cannot be read without it",
        action: "apt install \(package)")
    case .notStarted(let failure):
      return Gap(found: "\(program) cannot be run: \(failure)", meaning: "its rules are not known")
    case .gaveUp:
      return Gap(
        found: "\(program) did not end within 10 s, or printed more than 64 MiB",
        meaning: "its rules are not known")
    case .failed(let status, let message):
      let reason = message.split(separator: "\n").first.map(String.init) ?? "\(program) ended with \(status)"
      return Gap(
        found: "the rules cannot be read: \(reason)", meaning: "it takes CAP_NET_ADMIN",
        action: isRoot ? nil : "run it as root")
    }
  }
}
