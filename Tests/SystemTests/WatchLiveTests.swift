// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// `mcastd watch` in a real terminal.
  struct WatchLiveTests {
    private static let command = "\(Repository.binary) watch --interface lo"

    @Test(
      "shows who is there, and however it ends, leaves the terminal as it was",
      arguments: ["q", "C-c", "C-d", "TERM", "HUP"])
    func restored(end: String) async throws {
      try await NetworkNamespace.with { host in
        try await host.peer("beats", "--senders", "3", "--interval", "0.2") { _ in
          try await WatchLiveTerminal.with(on: host) { terminal in
            let before = try await terminal.state()
            try await terminal.type(Self.command)
            for sender in 5...7 {
              try await terminal.showsRow { $0.hasPrefix("● alive   127.0.0.\(sender) ") }
            }
            switch end {
            case "TERM": kill(try await terminal.child(), SIGTERM)
            case "HUP": kill(try await terminal.child(), SIGHUP)
            default: try await terminal.press(end)
            }
            let screen = try await terminal.shows(within: .seconds(3)) { screen in
              screen.contains { $0.hasPrefix("239.1.1.1:5001 on lo: ") && $0.hasSuffix("; 3 peers alive") }
            }
            // The command line may be wider than the screen; where it wraps, a space may be missing.
            let text = screen.joined().filter { $0 != " " }
            #expect(
              text.contains((WatchLiveTerminal.prompt + Self.command).filter { $0 != " " }), "\(screen)")
            let after = try await terminal.state()
            #expect(after == before)
          }
        }
      }
    }

    @Test("a peer that stops is silent on the screen, and our own host's beat is not a peer")
    func silent() async throws {
      try await NetworkNamespace.with { host in
        try await host.peer("beats", "--first", "127.0.0.1", "--interval", "0.2") { _ in
          try await host.peer("beats", "--first", "127.0.0.9", "--interval", "0.2") { _ in
            try await WatchLiveTerminal.with(on: host) { terminal in
              try await host.peer("beats", "--interval", "0.2") { _ in
                try await terminal.type(Self.command)
                // It is judged by its own pace once that is known.
                try await terminal.showsRow {
                  $0.hasPrefix("● alive   127.0.0.5 ") && $0.contains(" 200ms ")
                }
                try await terminal.showsRow { $0.hasPrefix("own beat  ● ") && $0.hasSuffix("from 127.0.0.1") }
              }
              // The last bar is empty when the last of its four seconds with a beat has gone.
              let row = try await terminal.showsRow {
                $0.hasPrefix("○ silent  127.0.0.5 ") && $0.hasSuffix("▁")
              }
              #expect(row.contains(" 200ms "))
              let screen = try await terminal.screen()
              #expect(screen.contains { $0.hasPrefix("● alive   127.0.0.9 ") })
              #expect(screen.contains { $0.hasPrefix("peers     1 alive · 1 silent") })
            }
          }
        }
      }
    }

    @Test("follows the terminal's size, down to next to nothing")
    func resized() async throws {
      try await NetworkNamespace.with { host in
        try await host.peer("beats", "--senders", "40", "--interval", "0.5") { _ in
          try await WatchLiveTerminal.with(on: host) { terminal in
            try await terminal.type(Self.command)
            try await terminal.showsRow { $0.hasPrefix("peers     40 alive") }
            for (columns, rows, first, last) in [
              (200, 50, "mcastd watch  239.1.1.1:5001 on lo", "q quit"),
              (40, 10, "239.1.1.1:5001 on lo", "q quit"),
              (7, 2, "40 ali", "● …"), (1, 1, "…", "…"),
              (80, 24, "mcastd watch  239.1.1.1:5001 on lo", "q quit"),
            ] {
              try await terminal.tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
              let screen = try await terminal.shows { screen in
                screen.count > rows && screen[0].hasPrefix(first) && screen[rows - 1].hasPrefix(last)
              }
              #expect(screen.allSatisfy { $0.count <= columns })
            }
          }
        }
      }
    }

    @Test("1000 peers and 20,000 datagrams a second full of escape sequences leave it calm and in order")
    func flood() async throws {
      try await NetworkNamespace.with { host in
        try await host.peer("beats", "--first", "127.1.0.1", "--senders", "1000") { _ in
          try await WatchLiveTerminal.with(on: host) { terminal in
            try await terminal.type(Self.command)
            try await terminal.showsRow { $0.hasPrefix("peers     1000 alive") }
            let name = "\u{1b}[2J\u{1b}[31m\u{1b}]0;owned\u{7}\u{9b}H\r\n"
            try await host.peer(
              "burst", "--name", name, "--rate", "20000", "--count", "100000", "--interface", "127.9.9.9"
            ) { burst in
              let screen = try await terminal.shows { screen in
                let escaped = #"burst \x1b[2J\x1b[31m\x1b]0;owned\x07"#
                return screen[1].firstMatch(of: /\d{5}\/s/) != nil && screen[22].contains(escaped)
              }
              #expect(screen[0].hasPrefix("mcastd watch  239.1.1.1:5001 on lo"))
              #expect(screen[3].hasPrefix("peers     1000 alive"))
              #expect(screen[23].hasPrefix("q quit   s sort: state   ↑↓ PgUp PgDn scroll"))
              // Keys are answered meanwhile.
              try await terminal.press("s", "NPage")
              try await terminal.showsRow(within: .seconds(2)) {
                $0.contains("sort: address") && !$0.contains(" 1–")
              }
              #expect(try await burst.exit().status == .exited(0))
            }
            try await terminal.press("q")
            // A machine that is busy may drop some, and the line is longer than the screen then.
            let screen = try await terminal.shows { $0.joined().contains("1000 peers alive") }
            #expect(!screen.joined().contains("silent"), "\(screen)")
          }
        }
      }
    }

    @Test("Ctrl-Z gives the terminal back, and fg takes it again")
    func suspended() async throws {
      try await NetworkNamespace.with { host in
        try await host.peer("beats", "--interval", "0.2") { _ in
          try await WatchLiveTerminal.with(on: host) { terminal in
            let before = try await terminal.state()
            try await terminal.type(Self.command)
            try await terminal.showsRow { $0.hasPrefix("● alive   127.0.0.5 ") }
            try await terminal.press("C-z")
            try await terminal.showsRow { $0.contains("Stopped") }
            #expect(try await terminal.state() == before)
            // In the background it draws nothing, and reads none of the shell's keys.
            try await terminal.type("bg; clear")
            #expect(try await terminal.state() == before)
            try await terminal.type("fg")
            try await terminal.showsRow { $0.hasPrefix("● alive   127.0.0.5 ") }
            try await terminal.press("q")
            try await terminal.showsRow { $0.hasSuffix("; 1 peer alive") }
            #expect(try await terminal.state() == before)
          }
        }
      }
    }

    @Test("--count ends it with a line on the normal screen")
    func counted() async throws {
      try await NetworkNamespace.with { host in
        try await host.peer("beats", "--interval", "0.1") { _ in
          try await WatchLiveTerminal.with(on: host) { terminal in
            try await terminal.type("\(Self.command) --count 5; echo status $?")
            try await terminal.showsRow { $0.hasPrefix("status 0") }
            try await terminal.showsRow { $0.hasPrefix("239.1.1.1:5001 on lo: 5 received in ") }
            try await terminal.type("clear; \(Self.command) --port 5999 --for 300ms; echo status $?")
            try await terminal.showsRow { $0.hasPrefix("status 1") }
          }
        }
      }
    }

    @Test("a plain locale sees ASCII, NO_COLOR no colours, and a dumb terminal lines")
    func modest() async throws {
      try await NetworkNamespace.with { host in
        try await host.peer("beats", "--interval", "0.2") { _ in
          let environment = ["LC_ALL=C", "NO_COLOR=1"]
          try await WatchLiveTerminal.with(on: host, environment: environment) { terminal in
            try await terminal.type(Self.command)
            try await terminal.showsRow { $0.hasPrefix("* alive   127.0.0.5 ") && $0.hasSuffix("+") }
            let screen = try await terminal.screen(withStyles: true).joined(separator: "\n")
            #expect(screen.utf8.allSatisfy { $0 < 0x7f })
            #expect(screen.firstMatch(of: /\u{1b}\[(\d+;)*3[1-7]/) == nil, "\(screen)")
            try await terminal.press("q")
            try await terminal.showsRow { $0.hasSuffix("; 1 peer alive") }
            try await terminal.type("clear; TERM=dumb \(Self.command) --count 2")
            try await terminal.showsRow { $0.contains(" 127.0.0.5:") && $0.contains("on lo, 30 bytes: ATU ") }
          }
        }
      }
    }
  }
}
