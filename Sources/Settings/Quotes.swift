// SPDX-License-Identifier: Apache-2.0

import Platform

/// Quotation marks around a value: a shell removes them, configuration files and the kernel do not.
enum Quotes {
  /// The value without the quotation marks at the ends of its comma-separated items; `nil` where there are
  /// none.
  ///
  /// No setting takes a value that begins or ends with one. In the name of an interface the kernel would
  /// allow them, and the daemon would wait for it without end.
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
