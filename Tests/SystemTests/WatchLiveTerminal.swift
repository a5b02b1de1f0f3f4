// SPDX-License-Identifier: Apache-2.0

/// A shell in a real terminal, tmux, on a host of its own.
struct WatchLiveTerminal: Sendable {
  static let prompt = "ready> "

  private let host: NetworkNamespace
  private let socket: String

  /// Opens a terminal for the time of `body`. The server runs on the host, which takes it along when it goes.
  ///
  /// - Parameter environment: `NAME=VALUE` for the shell, beyond a UTF-8 locale.
  static func with<T>(
    on host: NetworkNamespace, columns: Int = 80, rows: Int = 24, environment: [String] = [],
    _ body: (WatchLiveTerminal) async throws -> T
  ) async throws -> T {
    let run = try TestRun.current.get()
    let terminal = WatchLiveTerminal(host: host, socket: "\(run.directory)/\(run.uniqueName("tmux"))")
    let shell =
      (["env", "LC_ALL=C.UTF-8", "NO_COLOR=", "PS1='\(prompt)'"] + environment
      + ["bash --norc --noprofile -i"]).joined(separator: " ")
    try await terminal.tmux("new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", shell)
    do {
      try await terminal.shows { $0.first?.hasPrefix("ready>") == true }
      let result = try await body(terminal)
      try await terminal.tmux("kill-server")
      return result
    } catch {
      _ = try? await terminal.tmux("kill-server")
      throw error
    }
  }

  @discardableResult
  func tmux(_ arguments: String...) async throws -> String {
    let command = ["ip", "netns", "exec", host.name, "tmux", "-u", "-f", "/dev/null", "-S", socket]
    return try await ChildProcess.run(command + arguments).checked().text
  }

  /// Presses keys by tmux's names: `q`, `C-c`, `PPage`.
  func press(_ keys: String...) async throws {
    for key in keys { try await tmux("send-keys", key) }
  }

  /// Types a command line and Enter.
  func type(_ text: String) async throws {
    try await tmux("send-keys", "-l", text)
    try await press("Enter")
  }

  /// What is on the screen, a string a row.
  ///
  /// - Parameter withStyles: with the escape sequences that tmux would draw it by.
  func screen(withStyles: Bool = false) async throws -> [String] {
    let text = withStyles ? try await tmux("capture-pane", "-p", "-e") : try await tmux("capture-pane", "-p")
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Waits for what is on the screen.
  @discardableResult
  func shows(within limit: Duration = .seconds(10), _ matches: ([String]) -> Bool) async throws -> [String] {
    var last: [String] = []
    do {
      return try await eventually("the wanted screen", within: limit) {
        last = try await screen()
        return matches(last) ? last : nil
      }
    } catch is NeverHappened {
      throw NeverHappened(description: "not within \(limit), but:\n" + last.joined(separator: "\n"))
    }
  }

  /// Waits for a row.
  @discardableResult
  func showsRow(
    within limit: Duration = .seconds(10), where matches: (String) -> Bool
  ) async throws -> String {
    try await shows(within: limit) { $0.contains(where: matches) }.first(where: matches) ?? ""
  }

  /// A sum of the terminal's mode, as stty(1) writes it down, and whether cursor and normal screen are there.
  func state() async throws -> [String] {
    let mark = "mode\(try TestRun.current.get().uniqueName(""))"
    // A sum, since the mode is about as long as a row, and where it wraps depends on the mark's digits.
    try await type("clear; echo \(mark) $(stty -g | cksum)")
    let line = try await showsRow { $0.hasPrefix("\(mark) ") }
    return [
      String(line.dropFirst(mark.count)),
      try await tmux("display-message", "-p", "#{cursor_flag} #{alternate_on} #{wrap_flag}"),
    ]
  }

  /// The shell's child.
  func child() async throws -> Int32 {
    let shell = try await tmux("display-message", "-p", "#{pane_pid}").filter(\.isNumber)
    return try await eventually("a child of the shell") {
      lines(of: "/proc/\(shell)/task/\(shell)/children").first
        .flatMap { $0.split(separator: " ").first }.flatMap { Int32($0) }
    }
  }
}
