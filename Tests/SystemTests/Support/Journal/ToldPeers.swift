// SPDX-License-Identifier: Apache-2.0

extension ChildProcess {
  /// The peers of which a daemon in the foreground has said this so far, each as often as it did: alone, or
  /// with others in one line. Of more than ten at once only ten are named.
  ///
  /// - Parameter what: `here`, `silent` or `back`.
  func toldPeers(_ what: String, on interface: String = "eth0") -> [String] {
    errorLines.flatMap { line -> [String] in
      let line = line.hasPrefix("warning: ") ? line.dropFirst("warning: ".count) : line[...]
      let words = line.split(separator: " ")
      guard words.count > 5, words[2] == "on", words[3] == interface else { return [] }
      if words[0] == "peer", words[4] == "is", words[5].prefix(while: { $0.isLetter }) == what {
        return [String(words[1])]
      }
      guard words[1] == "peers", words[4] == "are", words[5] == "\(what):" else { return [] }
      let names = words.dropFirst(6).prefix { $0 != "and" }
      return names.map { String($0.hasSuffix(",") ? $0.dropLast() : $0) }
    }
  }
}
