// SPDX-License-Identifier: Apache-2.0

/// Quotation marks around a value: a shell takes them away, configuration files and the kernel do not.
enum Quotes {
  /// The value without the quotation marks at the ends of its comma-separated items; `nil` where there are
  /// none.
  ///
  /// No setting takes a value that begins or ends with one. The kernel would allow them in an interface's
  /// name, which is then waited for for ever.
  static func stripped(_ value: String) -> String? {
    let items = value.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingBlanks() }
    let bare = items.map { strip($0[...]) }
    return bare == items ? nil : bare.joined(separator: ",")
  }

  private static func strip(_ item: Substring) -> String {
    let isQuote: (Character) -> Bool = { $0 == "\"" || $0 == "'" }
    let front = item.drop(while: isQuote)
    guard let last = front.lastIndex(where: { !isQuote($0) }) else { return "" }
    return String(front[...last])
  }
}
