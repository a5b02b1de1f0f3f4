// SPDX-License-Identifier: Apache-2.0

/// Calls of a command and what they are for, as its discussion shows them.
package enum Examples {
  /// - Parameter calls: a command line, as it would be typed, and a few words for it. Together they must fit
  ///   into a line of 80 columns.
  package static func text(_ calls: KeyValuePairs<String, String>) -> String {
    let width = calls.map(\.key.count).max() ?? 0
    return calls.reduce(into: "EXAMPLES:") { text, example in
      let space = String(repeating: " ", count: width - example.key.count)
      text += "\n  \(example.key)\(space)  # \(example.value)"
    }
  }
}
