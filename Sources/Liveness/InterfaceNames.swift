// SPDX-License-Identifier: Apache-2.0

/// Interned interface names. A number is stable while anything uses it, over restarts by the checkpoint.
///
/// `release` frees the numbers that nothing uses, for the interfaces of containers come and go under ever new
/// names. What keeps numbers must be named to it, and peers have a table; without it the table of names grows
/// with the distinct names that the kernel has shown, as in `mcastd watch`.
package struct InterfaceNames: Codable, Sendable {
  /// By number; empty for a free one, for no interface has that name.
  private var names: [String] = []
  /// Since when numbers are not used, in nanoseconds of CLOCK_MONOTONIC.
  private var unusedSince: [Int32: Int64] = [:]

  // As peers.json has them since 0.1.0.
  private enum CodingKeys: CodingKey {
    case names
  }

  /// No names.
  package init() {}

  /// How many numbers there are, free ones included: 0 to `count` - 1.
  package var count: Int { names.count }

  /// The number of a name, a free or a new one where it has none.
  package mutating func number(of name: String) -> Int32 {
    let place = names.firstIndex(of: name) ?? names.firstIndex(of: "") ?? names.count
    if place == names.count { names.append(name) } else { names[place] = name }
    unusedSince[Int32(place)] = nil
    return Int32(place)
  }

  /// Frees the numbers that were not used for `LivenessRule.nameKeptFor`.
  ///
  /// - Parameters:
  ///   - isUsed: Whether a number is in use.
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  mutating func release(now: Int64, isUsed: (Int32) -> Bool) {
    for number in 0..<Int32(names.count) where !isFree(number) {
      guard !isUsed(number) else {
        unusedSince[number] = nil
        continue
      }
      let since = unusedSince[number] ?? now
      unusedSince[number] = since
      guard now - since >= LivenessRule.nameKeptFor else { continue }
      names[Int(number)] = ""
      unusedSince[number] = nil
    }
  }

  /// The names in UTF-8, by number; empty for a free one.
  package var bytes: [[UInt8]] { names.map { Array($0.utf8) } }

  /// The name of a number; `?` for a free one.
  package func name(of number: Int32) -> String { isFree(number) ? "?" : names[Int(number)] }

  /// Whether a number has no name.
  func isFree(_ number: Int32) -> Bool { !names.indices.contains(Int(number)) || names[Int(number)].isEmpty }
}
