// SPDX-License-Identifier: Apache-2.0

import Glibc
import Rules
import TestSupport

/// Scenarios by the rules' code, and by an oracle that has the same semantics.
struct RuleComparison {
  /// Where the two differ.
  struct Difference: Error, CustomStringConvertible {
    var scenario: RuleScenario?
    var text: String

    var description: String { (scenario.map { "seed \($0.seed): " } ?? "") + text }
  }

  /// Seconds for which rules were in each state, by its letter.
  private(set) var seconds: [Character: Int] = [:]
  private(set) var scenarios = 0

  private static let oracle = "\(SourceTree.root)/Tests/RulesTests/Oracle/oracle.py"

  /// Runs scenarios, and compares all states.
  ///
  /// - Throws: The first difference.
  mutating func run(_ seeds: Range<UInt64>) throws(Difference) {
    var (input, all) = ("", [(scenario: RuleScenario, states: [String])]())
    for seed in seeds {
      let scenario = RuleScenario(seed: seed)
      do throws(RuleFileError) {
        all.append((scenario, try scenario.states()))
      } catch {
        throw Difference(scenario: scenario, text: "\(error)")
      }
      input += scenario.text
    }
    var lines = try Self.output(of: input).split(separator: "\n")[...]
    for (scenario, states) in all {
      for (rule, states) in zip(scenario.rules, states) {
        let expected = "\(scenario.seed) \(rule.name) \(states)"
        let line = lines.popFirst() ?? ""
        guard line == expected else {
          throw Difference(scenario: scenario, text: "is\n\(expected)\nand by the oracle\n\(line)")
        }
        for letter in states { seconds[letter, default: 0] += 1 }
      }
      scenarios += 1
    }
  }

  /// What the oracle prints for this input, at its end.
  private static func output(of input: String) throws(Difference) -> String {
    var ends: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw Difference(text: "\(TestFailure(call: "socketpair", errno: errno))")
    }
    defer { close(ends[0]) }
    let process: pid_t
    do throws(TestFailure) {
      defer { close(ends[1]) }
      process = try Command.start(["python3", oracle], input: ends[1], output: ends[1])
    } catch {
      throw Difference(text: "\(error)")
    }
    send(input, to: ends[0])
    shutdown(ends[0], Int32(SHUT_WR))
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(ends[0], &chunk, chunk.count), count > 0 { output += chunk[..<count] }
    let status = Command.wait(for: process)
    guard status == 0 else { throw Difference(text: "the oracle ended with status \(status)") }
    return String(decoding: output, as: UTF8.self)
  }

  private static func send(_ text: String, to end: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // Its status will say why it does not read.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
