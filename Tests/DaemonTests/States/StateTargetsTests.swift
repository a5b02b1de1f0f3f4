// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Daemon
@testable import Monitor
@testable import Systemd

/// The decisions on targets: what is called when, and what is told.
struct StateTargetsTests {
  private static let second: Int64 = 1_000_000_000

  /// Targets, and the time.
  private struct Scene {
    var targets = StateTargets()
    var now: Int64 = 0

    /// - Parameter found: How the targets are at the start.
    init(_ found: [String: Bool]) {
      targets.adopt(found, as: found)
      targets.follow(Set(found.keys))
      // What tells whether calls are allowed.
      for call in calls() { _ = answer(call) }
    }

    /// The calls that are due, as `+name` and `-name`.
    mutating func calls() -> [String] {
      targets.takeCalls(now: now).map { ($0.isStart ? "+" : "-") + $0.state }.sorted()
    }

    /// Answers a call: `-` and `+` begin it.
    ///
    /// - Returns: What is told: `refused: …`, `accepted: …`.
    mutating func answer(_ call: String, _ refusal: UnitRefusal? = nil) -> [String] {
      let (state, isStart) = (String(call.dropFirst()), call.hasPrefix("+"))
      let answer = refusal.map { UnitControl.Answer.refused($0) } ?? .queued
      return targets.note(.init(state: state, isStart: isStart), answer, unit: "\(state).target", now: now)
        .map {
          switch $0 {
          case .refused(let state, _, _, _, let isCommon): "refused: \(isCommon ? "all" : state)"
          case .accepted(let state, _, _, let isCommon): "accepted: \(isCommon ? "all" : state)"
          }
        }
    }

    mutating func pass(seconds: Int64) { now += seconds * StateTargetsTests.second }
  }

  @Test("what is found as it is wanted is left alone, also by the same wish again")
  func adopted() {
    var scene = Scene(["on": true, "off": false])
    scene.targets.set("on", isActive: true)
    scene.targets.set("off", isActive: false)
    #expect(scene.calls() == [])
    #expect(scene.targets.nextDue == nil)
  }

  @Test("one target that is inactive is stopped at the start, so that a refusal is known before it matters")
  func tried() {
    var scene = Scene([:])
    let found = ["a": true, "b": false, "c": false]
    scene.targets.adopt(found, as: found)
    scene.targets.follow(["a", "b", "c"])
    #expect(scene.calls() == ["-b"])
    #expect(scene.answer("-b", .notAllowed) == ["refused: all"])
    scene.targets.follow(["a", "b", "c"])
    scene.pass(seconds: 60)
    #expect(scene.calls() == ["-b"])
    #expect(scene.answer("-b") == ["accepted: all"])
    scene.targets.follow(["a", "c"])
    #expect(scene.calls() == [])
  }

  @Test("a transition is one call, and the way back another")
  func transition() {
    var scene = Scene(["a": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    #expect(scene.calls() == [])
    #expect(scene.answer("+a") == [])
    scene.pass(seconds: 600)
    // An operator who stopped it meanwhile is not fought: nothing is asked, and nothing called.
    #expect(scene.calls() == [])
    scene.targets.set("a", isActive: false)
    #expect(scene.calls() == ["-a"])
    #expect(scene.answer("-a") == [])
    #expect(scene.calls() == [])
  }

  @Test("a state that is taken up as active, and its target is not, is one whose start is tried again")
  func refusedBefore() {
    var scene = Scene([:])
    scene.targets.adopt(["a": false, "b": true], as: ["a": true, "b": true, "c": true])
    scene.targets.follow(["a", "b", "c"])
    #expect(scene.calls() == ["+a", "+c"])
  }

  @Test("of which nothing is known is stopped: its state begins as inactive")
  func unknown() {
    var scene = Scene([:])
    scene.targets.follow(["a"])
    #expect(scene.calls() == ["-a"])
    #expect(scene.answer("-a") == [])
    #expect(scene.calls() == [])
  }

  @Test("one call at a time for a target, and the newest wish wins")
  func newest() {
    var scene = Scene(["a": false, "b": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    scene.targets.set("a", isActive: false)
    scene.targets.set("b", isActive: true)
    #expect(scene.calls() == ["+b"])
    // On and off again while the start was under way: the stop follows it.
    #expect(scene.answer("+a") == [])
    #expect(scene.calls() == ["-a"])
    // And a stop that is not wanted any more when the start has come through is none.
    scene.targets.set("b", isActive: false)
    scene.targets.set("b", isActive: true)
    #expect(scene.answer("+b") == [])
    #expect(scene.calls() == [])
  }

  @Test("a bounded number of calls at a time, and every target has its turn")
  func many() {
    let names = (0..<100).map { "s\($0)" }
    var scene = Scene(Dictionary(uniqueKeysWithValues: names.map { ($0, false) }))
    for name in names { scene.targets.set(name, isActive: true) }
    var called: [String] = []
    while case let calls = scene.calls(), !calls.isEmpty {
      #expect(calls.count <= StateTargets.mostCalls)
      called += calls
      for call in calls { #expect(scene.answer(call) == []) }
    }
    #expect(called.sorted() == names.map { "+\($0)" }.sorted())
  }

  @Test("a masked target is told once, tried each minute, and told when it is not any more")
  func masked() {
    var scene = Scene(["a": false, "b": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a", .masked) == ["refused: a"])
    for _ in 0..<3 {
      scene.pass(seconds: 59)
      #expect(scene.calls() == [])
      scene.pass(seconds: 1)
      #expect(scene.targets.nextDue == scene.now)
      #expect(scene.calls() == ["+a"])
      #expect(scene.answer("+a", .masked) == [])
    }
    // It is of this target alone.
    scene.targets.set("b", isActive: true)
    #expect(scene.calls() == ["+b"])
    #expect(scene.answer("+b", .masked) == ["refused: b"])
    scene.pass(seconds: 60)
    #expect(scene.calls() == ["+a", "+b"])
    #expect(scene.answer("+a") == ["accepted: a"])
    #expect(scene.answer("+b", .noSuchUnit) == ["refused: b"])
  }

  @Test("a start that was refused and is not wanted any more is over")
  func withdrawn() {
    var scene = Scene(["a": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a", .masked) == ["refused: a"])
    scene.targets.set("a", isActive: false)
    scene.pass(seconds: 120)
    #expect(scene.calls() == [])
    #expect(scene.targets.nextDue == nil)
    // The next time it is news again.
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a", .masked) == ["refused: a"])
  }

  @Test("what all targets lack is told once for all, and once that it is there")
  func permission() {
    var scene = Scene(["a": false, "b": false, "c": false])
    for name in ["a", "b"] { scene.targets.set(name, isActive: true) }
    #expect(scene.calls() == ["+a", "+b"])
    #expect(scene.answer("+a", .authorizationRequired) == ["refused: all"])
    #expect(scene.answer("+b", .notAllowed) == [])
    scene.pass(seconds: 60)
    #expect(scene.calls() == ["+a", "+b"])
    #expect(scene.answer("+a", .notAllowed) == [])
    #expect(scene.answer("+b", .notAllowed) == [])
    // A change is tried at once, and where it succeeds the others are too.
    scene.pass(seconds: 7)
    scene.targets.set("c", isActive: true)
    #expect(scene.calls() == ["+c"])
    #expect(scene.answer("+c") == ["accepted: all"])
    #expect(scene.calls() == ["+a", "+b"])
    #expect(scene.answer("+a") == [])
    #expect(scene.answer("+b") == [])
  }

  @Test("a bus that is away is tried after 1 s, 5 s and then each minute")
  func bus() {
    var scene = Scene(["a": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a", .unreachable(errno: 2)) == ["refused: all"])
    for delay in [1, 5, 60, 60] as [Int64] {
      #expect(scene.targets.nextDue == scene.now + delay * Self.second)
      scene.pass(seconds: delay)
      #expect(scene.calls() == ["+a"])
      #expect(scene.answer("+a", .unreachable(errno: 111)) == [])
    }
    scene.pass(seconds: 60)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a") == ["accepted: all"])
  }

  @Test("a bus that is back, and no permission, is told as that")
  func busThenPermission() {
    var scene = Scene(["a": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a", .noAnswer(within: .seconds(5))) == ["refused: all"])
    scene.pass(seconds: 1)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a", .notAllowed) == ["refused: all"])
    #expect(scene.targets.nextDue == scene.now + 60 * Self.second)
    scene.pass(seconds: 60)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a") == ["accepted: all"])
  }

  @Test("a bus that is restarted during a call is not told where the next one succeeds")
  func restartedBus() {
    var scene = Scene(["a": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a", .disconnected) == [])
    scene.pass(seconds: 1)
    #expect(scene.calls() == ["+a"])
    #expect(scene.answer("+a") == [])
    scene.targets.set("a", isActive: false)
    #expect(scene.calls() == ["-a"])
    #expect(scene.answer("-a", .disconnected) == [])
    scene.pass(seconds: 1)
    #expect(scene.calls() == ["-a"])
    #expect(scene.answer("-a", .disconnected) == ["refused: all"])
  }

  @Test(
    "a call that systemd may have got is undone",
    arguments: [UnitRefusal.disconnected, .noAnswer(within: .seconds(5))])
  func uncertain(refusal: UnitRefusal) {
    var scene = Scene(["a": false])
    scene.targets.set("a", isActive: true)
    #expect(scene.calls() == ["+a"])
    scene.targets.set("a", isActive: false)
    _ = scene.answer("+a", refusal)
    #expect(scene.calls() == ["-a"])
    #expect(scene.answer("-a").count <= 1)
    #expect(scene.calls() == [])
  }

  @Test("a state that is gone is released and forgotten, or taken up where it comes back")
  func gone() {
    var scene = Scene(["a": true, "b": true, "c": false])
    scene.targets.follow(["b", "c"])
    #expect(scene.calls() == ["-a"])
    #expect(scene.answer("-a", .masked) == ["refused: a"])
    scene.pass(seconds: 60)
    #expect(scene.calls() == ["-a"])
    #expect(scene.answer("-a") == ["accepted: a"])
    #expect(scene.calls() == [])
    scene.targets.follow(["c"])
    #expect(scene.calls() == ["-b"])
    scene.targets.follow(["b", "c"])
    scene.targets.set("b", isActive: true)
    #expect(scene.answer("-b") == [])
    #expect(scene.calls() == ["+b"])
    // One that the previous process left, and that is none any more.
    scene.targets.release("old")
    #expect(scene.calls() == ["-old"])
    #expect(scene.answer("-old") == [])
    // That it was left may be told after that it is gone.
    scene.targets.set("old", isActive: false)
    #expect(scene.calls() == [])
    #expect(scene.targets.count == 2)
  }

  @Test("states that are gone and cannot be released do not fill the memory")
  func bound() {
    var scene = Scene([:])
    for round in 0..<10 {
      let names = Set((0..<1000).map { "s\(round)-\($0)" })
      let found = Dictionary(uniqueKeysWithValues: names.map { ($0, true) })
      scene.targets.adopt(found, as: found)
      scene.targets.follow(names)
      for call in scene.calls() { _ = scene.answer(call, .masked) }
    }
    #expect(scene.targets.count <= StateTargets.most)
  }

  /// Whatever is wished and answered: in the end every target is as it was wanted last, with one call at a
  /// time for each.
  @Test("after any wishes and answers the targets are as wanted")
  func random() {
    var random = SeededRandom(testSeed: 16)
    for round in 0..<300 { #expect(Self.endsAsWanted(&random), "round \(round)") }
  }

  private static func endsAsWanted(_ random: inout SeededRandom) -> Bool {
    let names = ["a", "b", "c"]
    var scene = Scene(["a": false, "b": true])
    scene.targets.follow(Set(names))
    var real = ["a": false, "b": true, "c": Bool.random(using: &random)]
    var wanted = ["a": false, "b": true, "c": false]
    var flying: Set<String> = []
    let refusals: [UnitRefusal] = [
      .masked, .notAllowed, .disconnected, .noAnswer(within: .seconds(5)), .unreachable(errno: 2),
    ]
    func carryOut(_ call: String, _ refusal: UnitRefusal?) {
      flying.remove(call)
      // What systemd may have got it may have carried out.
      if refusal == nil || refusal?.isUncertain == true && Bool.random(using: &random) {
        real[String(call.dropFirst())] = call.hasPrefix("+")
      }
      _ = scene.answer(call, refusal)
    }
    for _ in 0..<300 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        let (name, isActive) = (names.randomElement(using: &random) ?? "a", Bool.random(using: &random))
        wanted[name] = isActive
        scene.targets.set(name, isActive: isActive)
      case 1: scene.pass(seconds: Int64.random(in: 0..<70, using: &random))
      case 2:
        flying.formUnion(scene.calls())
        // One call at a time for each.
        if Set(flying.map { $0.dropFirst() }).count != flying.count { return false }
      default:
        guard let call = flying.sorted().randomElement(using: &random) else { break }
        carryOut(call, Bool.random(using: &random) ? refusals.randomElement(using: &random) : nil)
      }
    }
    for _ in 0..<10 {
      for call in flying.sorted() { carryOut(call, nil) }
      flying.formUnion(scene.calls())
      if flying.isEmpty { scene.pass(seconds: 60) }
    }
    return flying.isEmpty && real == wanted
  }
}
