// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// What is asked of a host: `ups.status has OB`, `temp.inlet < 27C`, `peer = silent`.
package struct ReadingTest: Hashable, Sendable {
  /// What is looked at.
  package enum Subject: Hashable, Sendable {
    case reading(ReadingKey)
    /// How the host is there: `alive`, `late`, `silent` or `left`.
    case peer
  }

  package enum Operator: String, CaseIterable, Sendable {
    case less = "<"
    case atMost = "<="
    case more = ">"
    case atLeast = ">="
    case equal = "="
    case notEqual = "!="
    /// A word is among those of the value.
    case has
    case lacks

    /// Whether it compares numbers only.
    var isOrder: Bool { self == .less || self == .atMost || self == .more || self == .atLeast }
    /// Whether it asks for one word of several.
    var isOfWords: Bool { self == .has || self == .lacks }
  }

  package var subject: Subject
  package var comparison: Operator
  package var value: ReadingValue
  /// The value as a number; nil where it is words, or one word is asked for.
  private let number: ReadNumber?

  /// - Parameter value: A number where the operator is an order.
  package init(_ subject: Subject, _ comparison: Operator, _ value: ReadingValue) {
    self.subject = subject
    self.comparison = comparison
    self.value = value
    number = comparison.isOfWords ? nil : ReadNumber(value)
  }

  /// What of a value cannot be compared.
  package enum Mismatch: Equatable, Sendable {
    /// It is words, and a number is asked for; or the other way round.
    case kind
    /// Its unit is another one.
    case unit
  }

  /// Whether it asks for a number, and not for words.
  package var isOfNumber: Bool { number != nil }

  /// What of a value cannot be compared; nil where it can be, and of `?`.
  package func mismatch(with said: ReadingValue) -> Mismatch? {
    guard said != .unknown, case .failure(let mismatch) = holds(for: said, ReadNumber(said)) else {
      return nil
    }
    return mismatch
  }

  /// Whether a value is so; a value of another type or unit is neither so nor not.
  ///
  /// - Parameter read: The value as a number; nil where it is words.
  func holds(for said: ReadingValue, _ read: ReadNumber?) -> Result<Bool, Mismatch> {
    guard let number else {
      guard read == nil else { return .failure(.kind) }
      return .success(comparison.isOfWords ? hasWord(said) : (said == value) == (comparison == .equal))
    }
    guard let read else { return .failure(.kind) }
    guard read.unit == number.unit else { return .failure(.unit) }
    switch comparison {
    case .less: return .success(read.number < number.number)
    case .atMost: return .success(read.number <= number.number)
    case .more: return .success(read.number > number.number)
    case .atLeast: return .success(read.number >= number.number)
    case .equal, .has: return .success(read.number == number.number)
    case .notEqual, .lacks: return .success(read.number != number.number)
    }
  }

  private func hasWord(_ said: ReadingValue) -> Bool {
    let isThere = said.text.utf8.split(separator: UInt8(ascii: " ")).contains {
      $0.elementsEqual(value.text.utf8)
    }
    return isThere == (comparison == .has)
  }
}

extension ReadingTest.Mismatch: Error {}

/// A value that is a number, read once for all tests of it.
struct ReadNumber: Hashable, Sendable {
  let number: Double
  let unit: String

  /// Nil for words, and for `?`.
  init?(_ value: ReadingValue) {
    guard case .number(let unit) = value.kind, let number = value.number else { return nil }
    self.number = number
    self.unit = String(unit)
  }
}

extension ReadingTest: CustomStringConvertible {
  /// As it may stand in a file.
  package var description: String {
    let text = value.text
    // A backslash at the end of a line would have it go on in the next.
    let needsQuotes =
      text.hasPrefix("\"") || text.hasPrefix(" ") || text.hasSuffix(" ") || text.hasSuffix("\\")
    return "\(subject) \(comparison.rawValue) " + (needsQuotes ? "\"\(text)\"" : text)
  }
}

extension ReadingTest.Subject: CustomStringConvertible {
  package var description: String {
    switch self {
    case .reading(let key): "\(key)"
    case .peer: "peer"
    }
  }
}
