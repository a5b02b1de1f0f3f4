// SPDX-License-Identifier: Apache-2.0

/// Numbers for the names of interfaces, given out once and kept: bounded by the names that the kernel has shown.
struct InterfaceNames: Codable {
  private var names: [String] = []

  var count: Int { names.count }

  mutating func number(of name: String) -> Int32 {
    if let index = names.firstIndex(of: name) { return Int32(index) }
    names.append(name)
    return Int32(names.count - 1)
  }

  /// In UTF-8, by number.
  var bytes: [[UInt8]] { names.map { Array($0.utf8) } }

  func name(of number: Int32) -> String {
    names.indices.contains(Int(number)) ? names[Int(number)] : "?"
  }
}
