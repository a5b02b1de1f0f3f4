// SPDX-License-Identifier: Apache-2.0

/// The syntax of a file of keys: lines `ID ALGORITHM BASE64 [host=NAME,…]`, words separated by blanks. A line
/// that begins with `#` is a comment.
///
/// Nothing is copied out of the file but IDs and names of hosts, which are on the wire as well: what else
/// stands in a line may be a secret, in whatever place an operator put it.
package enum KeyFile {
  /// In bytes.
  package static let largestSize = 64 << 10
  /// Keys in a file.
  package static let largestCount = 1024
  /// In bytes; `[A-Za-z0-9._-]`.
  static let longestID = 32

  /// A line with a key.
  struct Line {
    /// From 1.
    let number: Int
    let id: [UInt8]
    let algorithm: KeyAlgorithm
    /// The base64 text, as a place in the file, without padding.
    let key: Range<Int>
    /// Nil where the key is good for every host.
    let hosts: SortedNames?
  }

  /// Reads the lines of a file.
  ///
  /// - Returns: The lines that have the form of a key, and what is wrong with the others.
  static func lines(of file: UnsafeRawBufferPointer) -> (lines: [Line], faults: [KeyFileFault]) {
    guard file.count <= largestSize else { return ([], [KeyFileFault(line: 0, problem: .tooLarge)]) }
    var (lines, faults) = ([Line](), [KeyFileFault]())
    var (start, number) = (0, 0)
    while start < file.count {
      number += 1
      let end = file[start...].firstIndex(of: UInt8(ascii: "\n")) ?? file.count
      do throws(KeyFileFault) {
        if let line = try line(start..<end, of: file, number: number) { lines.append(line) }
      } catch {
        faults.append(error)
      }
      start = end + 1
    }
    if lines.count > largestCount { faults.append(KeyFileFault(line: 0, problem: .tooMany)) }
    if lines.isEmpty, faults.isEmpty { faults.append(KeyFileFault(line: 0, problem: .empty)) }
    return (lines, faults)
  }

  /// Nil for a line without a key.
  private static func line(
    _ line: Range<Int>, of file: UnsafeRawBufferPointer, number: Int
  ) throws(KeyFileFault) -> Line? {
    let words = words(line, of: file)
    guard let first = words.first, file[first.lowerBound] != UInt8(ascii: "#") else { return nil }
    func fault(_ problem: KeyFileFault.Problem) -> KeyFileFault {
      KeyFileFault(line: number, problem: problem)
    }
    guard 3...4 ~= words.count else { throw fault(.words) }
    guard isID(UnsafeRawBufferPointer(rebasing: file[first])) else { throw fault(.id) }
    let algorithm = KeyAlgorithm.allCases.first { $0.rawValue.utf8.elementsEqual(file[words[1]]) }
    guard let algorithm else { throw fault(.algorithm) }
    var hosts: SortedNames?
    if words.count == 4 {
      hosts = Self.hosts(file[words[3]])
      guard hosts != nil else { throw fault(.hosts) }
    }
    guard let key = unpadded(words[2], of: file) else { throw fault(.base64) }
    return Line(number: number, id: Array(file[first]), algorithm: algorithm, key: key, hosts: hosts)
  }

  /// Separated by spaces and tabs; the carriage return of another system's line end is one of them.
  private static func words(_ line: Range<Int>, of file: UnsafeRawBufferPointer) -> [Range<Int>] {
    file[line].split(omittingEmptySubsequences: true) { byte in
      byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }.map(\.indices)
  }

  /// Whether this can be the ID of a key, in a file and on the wire.
  static func isID(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard 1...longestID ~= bytes.count else { return false }
    for byte in bytes {
      guard
        isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
          || byte == UInt8(ascii: "-")
      else { return false }
    }
    return true
  }

  /// The names of `host=NAME,…`; nil where the word is another, or one of the names is none.
  private static func hosts(_ word: Slice<UnsafeRawBufferPointer>) -> SortedNames? {
    let label = "host=".utf8
    guard word.starts(with: label) else { return nil }
    let names = word.dropFirst(label.count)
      .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    return names.allSatisfy { HostName($0) != nil } ? SortedNames(names.map { Array($0) }) : nil
  }

  /// The word without the `=` at its end; nil where there are some and they do not fill up four characters.
  private static func unpadded(_ word: Range<Int>, of file: UnsafeRawBufferPointer) -> Range<Int>? {
    let end = file[word].lastIndex { $0 != UInt8(ascii: "=") }.map { $0 + 1 } ?? word.lowerBound
    let padding = word.upperBound - end
    guard padding == 0 || padding <= 2 && word.count.isMultiple(of: 4) else { return nil }
    return word.lowerBound..<end
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }
}
