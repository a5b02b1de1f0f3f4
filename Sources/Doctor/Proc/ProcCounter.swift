// SPDX-License-Identifier: Apache-2.0

import Platform

/// Counters of /proc/net/netstat.
enum ProcCounter {
  /// Datagrams dropped by the reverse-path filter since the namespace was created; `nil` where it cannot be
  /// read.
  static func reversePathFilter() -> UInt64? {
    ProcFile.read(ProcFile.network + "netstat").flatMap { parse($0, "IPReversePathFilter") }
  }

  /// Pairs of lines with the same first word: one of names, one of numbers (netstat_seq_show in
  /// net/ipv4/proc.c).
  static func parse(_ text: String, _ name: String) -> UInt64? {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    for (names, values) in zip(lines, lines.dropFirst()) where names.first == values.first {
      if let column = names.firstIndex(where: { $0 == name }), column < values.count {
        return UInt64(values[column])
      }
    }
    return nil
  }
}
