// SPDX-License-Identifier: Apache-2.0

extension Settings {
  /// What `mcastd check` prints: a line for every setting with its value and where that comes from.
  package func table() -> String {
    let names = effective.map(\.key.name)
    let nameWidth = names.map(\.count).max() ?? 0
    let valueWidth = effective.map(\.value.count).max() ?? 0
    return effective.map { entry in
      "\(padded(entry.key.name, to: nameWidth))  \(padded(entry.value, to: valueWidth))  \(entry.origin)\n"
    }.joined()
  }

  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: width - text.count)
  }
}
