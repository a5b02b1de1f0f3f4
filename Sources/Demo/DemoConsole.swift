// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// What is printed: a sentence for each step, with the time since the start, and below it the commands that
/// do or show the same on real hosts.
struct DemoConsole {
  private static let indent = 10

  private let start = ContinuousClock.now
  /// Columns of the terminal; nil where lines are not wrapped.
  private let width: Int?

  /// Time to read a step, where somebody does.
  let pause: Duration

  init() {
    let isTerminal = isatty(STDOUT_FILENO) == 1
    width = isTerminal ? TerminalSize(of: STDOUT_FILENO).columns : nil
    pause = isTerminal ? .milliseconds(1800) : .zero
  }

  /// A paragraph without a time.
  func say(_ text: String) { print(text, after: "") }

  func step(_ sentence: String, _ commands: [String]) {
    let elapsed = Digits.tenths((ContinuousClock.now - start).nanoseconds / 100_000_000) + " s"
    print(
      sentence, after: String(repeating: " ", count: max(0, Self.indent - 2 - elapsed.count)) + elapsed + "  "
    )
    for command in commands { print(command, after: String(repeating: " ", count: Self.indent) + "$ ") }
  }

  private func print(_ text: String, after start: String) {
    let lines = WrappedText.lines(text, after: start, indent: start.count, width: width)
    Console.print(ConsoleText(lines: lines.map { $0 + "\n" }.joined()))
  }
}
