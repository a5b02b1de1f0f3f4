// SPDX-License-Identifier: Apache-2.0

import Platform

/// A word of a command that is to be copied into a shell: an interface may be called `a;reboot`.
struct ShellWord {
  /// The word, in quotes where it needs them; `$'…'` of bash(1) where it has controls in it.
  let text: String

  init(_ word: String) {
    if Self.isPlain(word) {
      text = word
    } else if word.unicodeScalars.allSatisfy(PlainText.isPlain) {
      text =
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    } else {
      text = word.unicodeScalars.reduce(into: "$'") { $0 += Self.escaped($1) } + "'"
    }
  }

  /// Whether no shell, and no parser of nft, sees more in it than a word.
  static func isPlain(_ word: String) -> Bool {
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
    case _ where PlainText.isPlain(scalar): return String(Character(scalar))
    default:
      let digits = String(scalar.value, radix: 16)
      let (prefix, length) = scalar.isASCII ? ("\\x", 2) : ("\\u", 4)
      return prefix + String(repeating: "0", count: max(0, length - digits.count)) + digits
    }
  }
}

extension String {
  /// An interface's name as a part of a key of sysctl(8), where a dot in it is written as a slash.
  var asSysctlPart: String { ShellWord(String(map { $0 == "." ? "/" : $0 })).text }
}
