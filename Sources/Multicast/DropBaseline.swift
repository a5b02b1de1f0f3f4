// SPDX-License-Identifier: Apache-2.0

import Platform

/// Up to which drop count of the stored receive socket the drops are accounted for, in a small file that outlives
/// the process: drops while the daemon was down are seen by its heir, and none is counted twice.
///
/// The file names the socket by its cookie, a number that no other socket of this boot has.
package struct DropBaseline: Sendable {
  private let file: RuntimeFile
  private var written: (cookie: UInt64, drops: UInt32)?

  /// - Parameter directory: the runtime directory; nil keeps nothing.
  package init(directory: String?) { file = RuntimeFile("receiver-drops", directory: directory) }

  /// The count that was accounted for, if it was of this very socket.
  package func read(cookie: UInt64) -> UInt32? {
    let words = file.read()?.split(whereSeparator: \.isWhitespace) ?? []
    guard words.count == 2, UInt64(words[0]) == cookie else { return nil }
    return UInt32(words[1])
  }

  /// Does nothing when the file says so already.
  package mutating func write(cookie: UInt64, drops: UInt32) throws(FileFailure) {
    guard written.map({ $0 != (cookie, drops) }) ?? true else { return }
    try file.write("\(cookie) \(drops)\n")
    written = (cookie, drops)
  }
}
