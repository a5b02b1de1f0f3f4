// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// A line of [import]: `TOPIC=KEY [UNIT] [json=PATH] [expire=DURATION]`. What is published there becomes this
/// reading of this host, and nothing else comes of it.
package struct ImportLine: Equatable, Sendable {
  /// Lines in a file.
  static let most = 64
  /// How long a reading is good after its topic stopped, unless told otherwise.
  private static let standardExpiry = Duration.seconds(300)
  private static let expiry = Duration.seconds(1)...Duration.seconds(86_400)
  /// Members of `json=`.
  private static let deepest = 8

  package let topic: String
  package let key: ReadingKey
  /// Appended to a number; empty where the value is taken as it is.
  package private(set) var unit = ""
  /// Names of members, from the outermost; empty where the payload is no JSON.
  package private(set) var path: [String] = []
  package private(set) var expiry = standardExpiry

  /// What is accepted, worded to follow "must be".
  static let accepted =
    "KEY [UNIT] [json=NAME.NAME] [expire=1s–24h], with a unit of "
    + ReadingValue.units.sorted().joined(separator: ", ")

  /// Reads a line.
  ///
  /// - Throws: What is wrong with it.
  init(topic: String, value: String) throws(Problem) {
    guard Self.isTopic(topic) else {
      throw Problem(
        text: "the topic \(Printable.line(topic)) must be without + and #, begin neither with $ nor with "
          + "\(BridgeTopics.root)/, and have at most \(INI.maximumForeignLength) bytes")
    }
    self.topic = topic
    var words = value.split { $0 == " " || $0 == "\t" }
    guard !words.isEmpty, let key = ReadingKey(words.removeFirst()) else {
      throw Problem(text: "\(Printable.line(value)): the key must be \(ReadingKey.accepted)")
    }
    self.key = key
    for word in words {
      guard take(word) else {
        throw Problem(text: "\(Printable.line(String(word))): must be \(Self.accepted)")
      }
    }
  }

  struct Problem: Error, Equatable {
    let text: String
  }

  private mutating func take(_ word: Substring) -> Bool {
    if word.hasPrefix("json=") {
      let names = word.dropFirst(5).split(separator: ".", omittingEmptySubsequences: false)
      guard path.isEmpty, (1...Self.deepest).contains(names.count), !names.contains("") else { return false }
      path = names.map(String.init)
      return true
    }
    if word.hasPrefix("expire=") {
      guard let time = Quantity.nanoseconds(String(word.dropFirst(7))).map({ Duration.nanoseconds($0) }),
        Self.expiry.contains(time)
      else { return false }
      expiry = time
      return true
    }
    guard unit.isEmpty, ReadingValue.units.contains(String(word)) else { return false }
    unit = String(word)
    return true
  }

  private static func isTopic(_ topic: String) -> Bool {
    let isOurs = topic == BridgeTopics.root || topic.hasPrefix(BridgeTopics.root + "/")
    return (1...INI.maximumForeignLength).contains(topic.utf8.count) && !isOurs && !topic.hasPrefix("$")
      && !topic.utf8.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") || $0 < 0x20 }
  }
}
