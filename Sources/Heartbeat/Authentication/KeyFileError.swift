// SPDX-License-Identifier: Apache-2.0

/// A file of keys that is refused as a whole: a key that is left out would be missed by others.
package struct KeyFileError: Error, Equatable {
  /// At least one, in the order of lines.
  package let faults: [KeyFileFault]
  /// Faults beyond `largestCount`.
  package let furtherCount: Int

  /// Faults reported one by one.
  static let largestCount = 32

  init(_ faults: [KeyFileFault]) {
    self.faults = Array(faults.sorted { $0.line < $1.line }.prefix(Self.largestCount))
    furtherCount = faults.count - self.faults.count
  }

  /// A line for each fault, none of which contains a newline.
  package var lines: [String] {
    faults.map(\.description) + (furtherCount > 0 ? ["\(furtherCount) more errors"] : [])
  }
}

extension KeyFileError: CustomStringConvertible {
  /// One line with every fault.
  package var description: String { lines.joined(separator: "; ") }
}

/// What is wrong with a line, in numbers: no text of the file is in it, so that no secret can be, whichever
/// words an operator mixed up.
package struct KeyFileFault: Error, Equatable, Sendable {
  package enum Problem: Equatable, Sendable {
    /// More than `KeyFile.largestSize` bytes.
    case tooLarge
    /// More than `KeyFile.largestCount` keys.
    case tooMany
    /// No key.
    case empty
    /// There is no memory for the keys.
    case memory
    /// Not three or four words.
    case words
    /// The first word.
    case id
    /// The second word.
    case algorithm
    /// The third word is not base64.
    case base64
    /// The third word is a key of another length.
    case length(KeyAlgorithm, bytes: Int)
    /// The third word has the length of a public key, and is none.
    case publicKey
    /// The fourth word.
    case hosts
    /// The ID is that of another line, for the same kind of key.
    case repeated(line: Int)
    /// The ID is that of a seed and a public key which do not belong together.
    case otherPair(line: Int)
  }

  /// From 1; 0 for the file as a whole.
  package var line: Int
  package var problem: Problem
}

extension KeyFileFault: CustomStringConvertible {
  /// One line: what is wrong, and what is accepted.
  package var description: String { line > 0 ? "line \(line): \(problemText)" : problemText }

  private var problemText: String {
    switch problem {
    case .tooLarge: "a file of keys has at most \(KeyFile.largestSize) bytes"
    case .tooMany: "a file of keys has at most \(KeyFile.largestCount) of them"
    case .empty: "there is no key: a line is ID ALGORITHM BASE64 [host=NAME,...], as mcastd key new prints it"
    case .memory: "there is no memory left for the keys"
    case .words: "a key is ID ALGORITHM BASE64 [host=NAME,...], a comment begins with #"
    case .id: "the first word, the ID, must be 1-\(KeyFile.longestID) of A-Z a-z 0-9 . _ -"
    case .algorithm:
      "the second word must be " + KeyAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
    case .base64: "the third word, the key, must be base64 (RFC 4648), all of it and nothing else"
    case .length(let algorithm, let bytes):
      "the key has \(bytes) bytes; a key for \(algorithm.rawValue) has "
        + (algorithm.lengths.count == 1 ? "" : "at least ") + "\(algorithm.lengths.lowerBound)"
    case .publicKey: "the third word is no public key of Ed25519 (RFC 8032)"
    case .hosts:
      "after the key only host=NAME,... may follow, names of 1-\(HostName.longest) letters, digits, "
        + "dots and dashes, the first a letter or digit, and none of digits and dots alone"
    case .repeated(let line): "has the ID of line \(line); each key of a kind needs an ID of its own"
    case .otherPair(let line):
      "has the ID of line \(line), and is not of the same pair: a seed and a public key may share an ID "
        + "only if they belong together"
    }
  }
}
