// SPDX-License-Identifier: Apache-2.0

/// Character set and colours of this terminal.
struct TerminalStyle: Equatable, Sendable {
  var glyphs: Glyphs
  var coloured: Bool

  init(glyphs: Glyphs, coloured: Bool) {
    self.glyphs = glyphs
    self.coloured = coloured
  }

  /// - Parameter variable: The value of an environment variable, nil where it is not set.
  /// - Returns: nil for a dumb or unknown terminal.
  init?(environment variable: (String) -> String?) {
    guard let terminal = variable("TERM"), !terminal.isEmpty, terminal != "dumb" else { return nil }
    // The order of setlocale(3), where an empty variable counts as none.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
    let charset = locale.uppercased()
    glyphs = charset.contains("UTF-8") || charset.contains("UTF8") ? .utf8 : .ascii
    // no-color.org
    coloured = (variable("NO_COLOR") ?? "").isEmpty
  }
}
