// SPDX-License-Identifier: Apache-2.0

import CommandLineTool
import Control
import Platform

/// Completions that the running daemon knows: none where there is none, or it does not answer at once.
///
/// What came from the network is offered where it is a word to any shell, and nothing else in it.
struct DaemonWords {
  /// Timeout of connecting, and of the call. Somebody waits for the tab.
  private static let timeout = Duration.milliseconds(100)

  /// The words of the line, and which of them is to be completed.
  private let line: [String]
  private let index: Int
  private let path: String

  /// - Parameters:
  ///   - line: the words of the command line, as the shell splits it.
  ///   - index: the place in it of the word to complete.
  init(line: [String], index: Int) {
    self.line = line
    self.index = max(0, min(index, line.count))
    path =
      Self.value(of: "--control", in: line)
      ?? ControlSocket.path(instance: Self.value(of: "--instance", in: line))
  }

  /// Names of hosts that say readings.
  func hosts() -> [String] { offered(readings().map(\.host)) }

  /// Names of peers, and addresses of those that have none.
  func peers() -> [String] { offered(ask(.listPeers, PeersReply.self)?.peers.map(\.name) ?? []) }

  /// Addresses of peers.
  func addresses() -> [String] { offered(ask(.listPeers, PeersReply.self)?.peers.map(\.address) ?? []) }

  /// Keys of what this host says, with `--test` for practice.
  func ownKeys() -> [String] {
    let isDrill = line.contains("--test")
    return offered(readings().filter { $0.isOwn && $0.isDrill == isDrill }.map(\.key))
  }

  /// KEY= of what this host says, or others where it says nothing; nothing once there is a value.
  func assignments() -> [String] {
    // bash takes = for a word of its own.
    let typed = line.prefix(index + 1).suffix(2)
    guard typed.last?.contains("=") != true, typed.first != "=" else { return [] }
    let readings = readings()
    let own = readings.filter(\.isOwn)
    return offered((own.isEmpty ? readings : own).map(\.key)).map { $0 + "=" }
  }

  private func readings() -> [ReadingReply] { ask(.listReadings, ReadingsReply.self)?.readings ?? [] }

  private func ask<Reply: Codable>(_ method: ControlInterface.Method, _ type: Reply.Type) -> Reply? {
    ControlClient.ask(method, as: type, path: path, timeout: Self.timeout)
  }

  /// Each once, in the order of the alphabet, without those that are on the line already.
  private func offered(_ words: [String]) -> [String] {
    var others = line
    if others.indices.contains(index) { others.remove(at: index) }
    let taken = Set(others.map { String($0.prefix { $0 != "=" }) })
    return Set(words).filter { CompletionWords.isHarmless($0) && !taken.contains($0) }.sorted()
  }

  /// The value of an option, also after `=`, which bash takes for a word of its own.
  private static func value(of option: String, in line: [String]) -> String? {
    for (place, word) in line.enumerated() {
      if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
      guard word == option else { continue }
      let value = line[(place + 1)...].first
      return value == "=" ? line[(place + 2)...].first : value
    }
    return nil
  }
}
