// SPDX-License-Identifier: Apache-2.0

/// Numbers for the names of interfaces, given out once and kept: bounded by the names that the kernel has shown.
package struct InterfaceNames: Codable {
  private var names: [String] = []

  package init() {}

  package var count: Int { names.count }

  package mutating func number(of name: String) -> Int32 {
    if let index = names.firstIndex(of: name) { return Int32(index) }
    names.append(name)
    return Int32(names.count - 1)
  }

  /// In UTF-8, by number.
  package var bytes: [[UInt8]] { names.map { Array($0.utf8) } }

  package func name(of number: Int32) -> String {
    names.indices.contains(Int(number)) ? names[Int(number)] : "?"
  }
}
