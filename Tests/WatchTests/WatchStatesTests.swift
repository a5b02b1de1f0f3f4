// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Platform
@testable import Watch

/// The states of rules above the table.
struct WatchStatesTests {
  private func line(_ states: WatchedStates, columns: Int = 80) throws -> String {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 2, hosts: [5])
    fixture.model.states = states
    var view = LiveView(hasKeys: true)
    return FrameRenderer(style: .utf8).draw(
      fixture.model, &view, at: fixture.now, size: TerminalSize(columns: columns, rows: 24)
    ).lines[4]
  }

  @Test("what is active is named, with its age, and the rest is counted")
  func names() throws {
    let entered = WatchFixture.wallStart - 300 * WatchFixture.second
    let fans = WatchedStates.Active(name: "fans-off", since: entered)
    #expect(try line(WatchedStates()) == "")
    #expect(try line(WatchedStates(inactive: 2)) == "states    2 inactive")
    #expect(
      try line(WatchedStates(active: [fans, .init(name: "lamp")], inactive: 1)).hasPrefix(
        "states    ● fans-off 5m"))
    #expect(
      try line(WatchedStates(active: [.init(name: "lamp")], inactive: 1)) == "states    ● lamp · 1 inactive")
  }

  @Test("a name from a file is escaped")
  func escaped() throws {
    #expect(try line(WatchedStates(active: [.init(name: "a\u{1b}[2Jb")])) == #"states    ● a\x1b[2Jb"#)
  }

  @Test("they are the files of the daemon's runtime directory, and none without them")
  func files() throws {
    let directory = try TemporaryDirectory()
    #expect(WatchedStates(in: directory.path).isEmpty)
    for folder in ["states", "states/active", "states/inactive"] { try directory.makeDirectory(folder) }
    try directory.write(
      "states/active/fans-off", "state=active\nsince_usec=1795332000000000\nrule=fans-off\n")
    try directory.write("states/active/broken", "since_usec=never\n")
    try directory.write("states/inactive/lamp", "state=inactive\n")
    let states = WatchedStates(in: directory.path)
    #expect(
      states.active == [
        .init(name: "broken", since: nil), .init(name: "fans-off", since: 1_795_332_000_000_000_000),
      ])
    #expect(states.inactive == 1)
  }
}
