// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Names of hosts with `*` for any bytes: `rack*`, `ups-*-a`.
package struct HostPattern: Hashable, Sendable {
  /// Bytes of the longest pattern.
  static let longest = HostName.longest
  /// Stars in a pattern, so that to match one stays cheap.
  static let mostStars = 4

  private let parts: [[UInt8]]

  /// The pattern that this text is; nil if it has no star, or no name would match it.
  package init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
    guard text.utf8.count <= Self.longest, (2...Self.mostStars + 1).contains(parts.count),
      // Letters, digits, dots and dashes, which follow a letter in a name.
      parts.allSatisfy({ part in HostName([UInt8(ascii: "a")] + part.prefix(HostName.longest - 1)) != nil }),
      parts[0].isEmpty || HostName(parts[0] + [UInt8(ascii: "a")]) != nil
    else { return nil }
    self.parts = parts.map { Array($0) }
  }

  /// Whether a name matches, by case as everywhere.
  package func matches(_ name: HostName) -> Bool {
    name.withUTF8 { bytes in
      guard let first = parts.first, let last = parts.last, bytes.count >= first.count + last.count,
        bytes.starts(with: first), bytes.suffix(last.count).elementsEqual(last)
      else { return false }
      // The first place of each part leaves most room for the rest.
      var rest = bytes[first.count..<(bytes.count - last.count)]
      for part in parts.dropFirst().dropLast() {
        guard
          let place = rest.indices.first(where: { rest[$0...].starts(with: part) })
            ?? (part.isEmpty ? rest.startIndex : nil)
        else { return false }
        rest = rest[(place + part.count)...]
      }
      return true
    }
  }
}

extension HostPattern: CustomStringConvertible {
  package var description: String {
    parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "*")
  }
}
