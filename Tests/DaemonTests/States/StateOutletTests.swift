// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Journal
@testable import Monitor
@testable import Platform
@testable import Systemd

/// The files of states, on a host without a bus.
struct StateOutletTests {
  private final class Told: Sendable {
    private let kinds = Mutex<[MessageKind]>([])

    var all: [MessageKind] { kinds.withLock { $0 } }

    func take(_ event: Event) {
      guard let kind = EventCatalogue.entry(of: event)?.kind else { return }
      kinds.withLock { $0.append(kind) }
    }
  }

  private let runtime: TemporaryDirectory
  private let told = Told()

  init() throws { runtime = try TemporaryDirectory() }

  private func outlet() -> StateOutlet {
    StateOutlet(
      instance: nil, directory: runtime.path, units: UnitControl(address: "unix:path=\(runtime.path)/bus")
    ) { [told] in told.take($0) }
  }

  private func states(_ folder: String) -> [String] {
    ((try? DirectoryNames.read("\(runtime.path)/states/\(folder)")) ?? []).sorted()
  }

  private func text(_ name: String) -> String {
    String(
      decoding: (try? FileContents.read("\(runtime.path)/states/\(name)", limit: 1000)) ?? [], as: UTF8.self)
  }

  @Test("each state has one file, in the folder of its state; without a bus that is told once")
  func files() async throws {
    let outlet = outlet()
    #expect(await outlet.adopt(["a", "b"]) == [:])
    outlet.follow(["a", "b"])
    await outlet.settle()
    #expect(states("inactive") == ["a", "b"] && states("active") == [])
    outlet.set("a", isActive: true, rule: "power", at: Clocks.monotonic())
    await outlet.settle()
    #expect(states("inactive") == ["b"] && states("active") == ["a"])
    #expect(text("active/a").hasPrefix("state=active\nsince_usec="))
    #expect(text("active/a").hasSuffix("\nrule=power\ntarget=refused\n"))
    outlet.set("a", isActive: false, rule: "power", at: Clocks.monotonic())
    outlet.set("b", isActive: true, rule: nil, at: Clocks.monotonic())
    await outlet.settle()
    #expect(states("inactive") == ["a"] && states("active") == ["b"])
    #expect(text("inactive/a").hasPrefix("state=inactive\n"))
    outlet.follow(["a"])
    await outlet.settle()
    #expect(states("inactive") == ["a"] && states("active") == [])
    #expect(told.all == [.targetRefused])
  }

  @Test(
    "without a bus the next process takes up what the files say, and removes those of states that are gone")
  func takenUp() async throws {
    let before = outlet()
    before.follow(["a", "b", "c"])
    for name in ["a", "c"] { before.set(name, isActive: true, rule: name, at: Clocks.monotonic()) }
    await before.settle()
    #expect(text("active/a").contains("\ntarget=refused\n"))
    let written = text("active/a")
    let outlet = outlet()
    #expect(await outlet.adopt(["a", "b"]) == ["a": true])
    outlet.follow(["a", "b"])
    outlet.set("c", isActive: false, rule: nil, at: Clocks.monotonic())
    await outlet.settle()
    #expect(states("active") == ["a"] && states("inactive") == ["b"])
    #expect(text("active/a").hasPrefix(written.prefix(30)))
  }

  @Test("states that were released when the previous process ended are not taken up")
  func released() async throws {
    let before = outlet()
    before.follow(["a"])
    before.set("a", isActive: true, rule: "a", at: Clocks.monotonic())
    await before.settle()
    // As `release-states` does.
    try runtime.makeDirectory("states-released")
    for _ in 0..<2 {
      let outlet = outlet()
      #expect(await outlet.adopt(["a"]) == [:])
      outlet.follow(["a"])
      await outlet.settle()
      #expect(states("active") == [] && states("inactive") == ["a"])
    }
  }

  @Test("what somebody removed is made again, and what cannot be written is told and repaired")
  func repair() async throws {
    let outlet = outlet()
    outlet.follow(["a"])
    outlet.set("a", isActive: true, rule: "a", at: Clocks.monotonic())
    await outlet.settle()
    unlink("\(runtime.path)/states/active/a")
    await outlet.compareFiles()
    #expect(states("active") == ["a"])
    // As a full file system would, a directory in its place keeps the new file from being written.
    try runtime.makeDirectory("states/.new")
    outlet.set("a", isActive: false, rule: "a", at: Clocks.monotonic())
    await outlet.settle()
    #expect(states("active") == [] && states("inactive") == ["a"])
    #expect(text("inactive/a").hasPrefix("state=active\n"))
    #expect(told.all.filter { $0 != .targetRefused } == [.filesFailing])
    rmdir("\(runtime.path)/states/.new")
    while !told.all.contains(.filesRecovered) { await outlet.executor.pause(milliseconds: 5) }
    #expect(text("inactive/a").hasPrefix("state=inactive\n"))
  }

  @Test("a file changes folders by a rename, and never comes or goes in another way")
  func atomic() throws {
    let directory = try #require(StateDirectory(runtime: runtime.path))
    try directory.place("a", in: .inactive, [])
    let watch = try DirectoryWatch()
    for folder in ["active", "inactive"] {
      _ = try watch.add("\(runtime.path)/states/\(folder)")
    }
    try directory.place("a", in: .active, [("state", "active")])
    try directory.place("a", in: .inactive, [("state", "inactive")])
    // Each time the new content, by a rename, and then the move. Of equal events in a row there is one.
    let events = watch.read()
    let (from, to) = (UInt32(IN_MOVED_FROM), UInt32(IN_MOVED_TO))
    #expect(events.map(\.mask) == [to, from, to, from, to])
    #expect(events.allSatisfy { $0.name == "a" })
  }

  @Test("the instance is that of the runtime directory")
  func instance() {
    #expect(StateOutlet.instance(runtimeDirectory: "/run/mcastd") == nil)
    #expect(StateOutlet.instance(runtimeDirectory: "/run/mcastd-lab") == "lab")
    #expect(StateOutlet.instance(runtimeDirectory: nil) == nil)
  }
}
