// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What arrived at the topics of [import] and is to be said: of each line the latest, at once and then at
/// most every 50 ms. Times are in ns of CLOCK_MONOTONIC.
package struct ImportTable: Sendable {
  /// Between two values of a line.
  static let pace: Int64 = 50_000_000
  /// After which a value that the daemon did not take is tried again.
  static let retry: Int64 = 1_000_000_000

  /// A reading to be said.
  package struct Setting: Equatable, Sendable {
    /// Of its line.
    let index: Int
    package let key: ReadingKey
    package let value: ReadingValue
    /// For how long from now, in microseconds.
    package let forUsec: Int64
    let arrival: Int64
  }

  private struct Arrived {
    enum Content {
      case payload([UInt8])
      /// Read already, and not taken by the daemon.
      case value(ReadingValue)
    }

    var content: Content
    var time: Int64
  }

  private let lines: [ImportLine]
  private let byTopic: [String: [Int]]
  private var waiting: [Int: Arrived] = [:]
  /// When a line may be looked at again.
  private var earliest: [Int64]
  /// Lines of which the last payload was no value, which was told.
  private var refused: Set<Int> = []
  private var messages: [String] = []

  package init(_ lines: [ImportLine]) {
    self.lines = lines
    byTopic = Dictionary(grouping: lines.indices) { lines[$0].topic }
    earliest = lines.map { _ in .min }
  }

  /// The topics, each once.
  var topics: [String] { byTopic.keys.sorted() }

  /// Takes a message.
  ///
  /// - Parameter isRetained: Of one that was retained before: how old it is nobody knows.
  package mutating func take(_ topic: String, _ payload: [UInt8], isRetained: Bool, at now: Int64) {
    guard !isRetained else { return }
    for index in byTopic[topic] ?? [] { waiting[index] = Arrived(content: .payload(payload), time: now) }
  }

  /// What is to be said now.
  package mutating func due(at now: Int64) -> [Setting] {
    var settings: [Setting] = []
    for (index, arrived) in waiting where earliest[index] <= now {
      waiting[index] = nil
      let line = lines[index]
      let left = line.expiry.nanoseconds - (now - arrived.time)
      guard left >= 1000, let value = value(arrived.content, index) else { continue }
      earliest[index] = now + Self.pace
      settings.append(
        Setting(index: index, key: line.key, value: value, forUsec: left / 1000, arrival: arrived.time))
    }
    return settings
  }

  /// When `due` has something; nil for when something arrives.
  var next: Int64? { waiting.keys.map { earliest[$0] }.min() }

  /// The daemon did not take it: it is tried again, unless a later one arrived.
  mutating func failed(_ setting: Setting, at now: Int64) {
    earliest[setting.index] = now + Self.retry
    if waiting[setting.index] == nil {
      waiting[setting.index] = Arrived(content: .value(setting.value), time: setting.arrival)
    }
  }

  private mutating func value(_ content: Arrived.Content, _ index: Int) -> ReadingValue? {
    switch content {
    case .value(let value): return value
    case .payload(let payload):
      let line = lines[index]
      do throws(ImportPayload.Refusal) {
        let value = try ImportPayload.value(of: payload, by: line)
        if refused.remove(index) != nil {
          messages.append("\(Printable.line(line.topic)) has values for \(line.key) again")
        }
        return value
      } catch {
        if refused.insert(index).inserted {
          messages.append(
            "what arrives at \(Printable.line(line.topic)) is not taken for \(line.key): \(error.reason). "
              + "The reading expires unless that ends.")
        }
        return nil
      }
    }
  }

  /// What there is to tell an operator.
  mutating func takeMessages() -> [String] {
    defer { messages = [] }
    return messages
  }
}
