// SPDX-License-Identifier: Apache-2.0

/// A word quoted for a shell, for commands that people copy: an interface may be called `a;reboot`.
package struct ShellWord {
  /// The word, quoted where necessary; `$'…'` of bash(1) for control characters.
  package let text: String

  package init(_ word: String) {
    if Self.isPlain(word) {
      text = word
    } else if word.unicodeScalars.allSatisfy(Escape.isPlain) {
      text =
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    } else {
      text = word.unicodeScalars.reduce(into: "$'") { $0 += Self.escaped($1) } + "'"
    }
  }

  /// Whether it needs no quotes in a shell or in nft(8).
  package static func isPlain(_ word: String) -> Bool {
    !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-_.:/@%+".utf8.contains(byte)
        }
      }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\": return "\\\\"
    case "'": return "\\'"
    case _ where Escape.isPlain(scalar): return String(Character(scalar))
    case _ where scalar.isASCII: return "\\x" + Escape.hexadecimal(scalar.value, digits: 2)
    default: return "\\u" + Escape.hexadecimal(scalar.value, digits: 4)
    }
  }
}

extension String {
  /// An interface's name as a part of a key of sysctl(8), where a dot in it is written as a slash.
  package var asSysctlPart: String { ShellWord(String(map { $0 == "." ? "/" : $0 })).text }
}
