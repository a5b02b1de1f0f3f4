// SPDX-License-Identifier: Apache-2.0

import Glibc
import Liveness
import Platform

/// What is shown, step by step. A step says what was seen when it was seen.
struct DemoPlay {
  /// Nothing takes longer than this, on a busy machine either.
  private static let limit: Int64 = 30
  /// Between two looks at what the hosts see.
  private static let pollInterval = Duration.milliseconds(10)

  private let group: DemoGroup
  private let console: DemoConsole

  private var hosts: [DemoHost] { group.hosts }
  private var racks: [DemoHost] { group.hosts(DemoGroup.racks) }
  /// The two of three that lose the mains.
  private var failing: [DemoHost] { group.hosts(DemoGroup.upses.dropLast()) }

  init(_ group: DemoGroup, _ console: DemoConsole) { (self.group, self.console) = (group, console) }

  /// - Parameter program: The path of mcastd.
  func run(_ program: String) throws(DemoFailure) {
    console.say(group.network.description)
    try start(program)
    try say()
    try pullCable()
    try cutSegment()
    try loseMains()
    try loseKnowledge()
    try restoreMains()
  }

  // MARK: Steps

  private func start(_ program: String) throws(DemoFailure) {
    try group.start(program)
    let names = hosts.map(\.name).joined(separator: ", ")
    try show("Five hosts start, each with a name and all with one key: \(names).", "systemctl start mcastd")
    try wait("every host seen by 5 of 5") { isWhole }
    try show("They hear one another's heartbeats: each is seen by 5 of 5.", "mcastd peers")
  }

  private func say() throws(DemoFailure) {
    let said = hosts.map { host in
      racks.contains { $0 === host } ? (host, "temp.inlet", "24.5C") : (host, "ups.status", "OL")
    }
    for (host, key, value) in said { try host.say(key, value) }
    let known = Set(said.map { "\($0.name) \($1)=\($2)" })
    let time = try wait("what all say, known to all") {
      hosts.allSatisfy { $0.readings.isSuperset(of: known) }
    }
    try show(
      "The UPSes say that the mains are there, the racks how warm it is: \(time) later all know all of it.",
      "mcastd set ups.status=OL", "mcastd readings")
  }

  private func pullCable() throws(DemoFailure) {
    guard let rack = racks.last else { return }
    let others = hosts.filter { $0 !== rack }
    try group.network.set(rack, isConnected: false)
    let time = try wait("\(rack.name) silent to the others") {
      others.allSatisfy { $0.sees([.silent]).contains(rack.name) } && (!showsCutOff || doubts(rack))
    }
    let own = showsCutOff ? "; to \(rack.name), which has no carrier, they are unknown" : ""
    try show(
      "The cable of \(rack.name) is pulled: \(time) later it is silent to the others\(own).",
      "ip link set eth0 down", "mcastd peers --check")
    try group.network.set(rack, isConnected: true)
    let back = try wait("\(rack.name) alive again") { isWhole }
    try show("The cable is back: alive after \(back).", "journalctl -u mcastd -x -p notice")
  }

  private func cutSegment() throws(DemoFailure) {
    let observers = showsCutOff ? hosts : Array(hosts.prefix(1))
    try group.network.set(hosts, areConnected: false)
    let time = try wait("all unknown to one another") { observers.allSatisfy(doubts) }
    try show(
      "The switch fails. Who falls silent together with all others is not called dead: \(time) later all are "
        + "unknown, and none is silent.", "mcastd status")
    try group.network.set(hosts, areConnected: true)
    let back = try wait("all alive again") { isWhole }
    try show("The switch is back: all alive after \(back).", "mcastd monitor")
  }

  private func loseMains() throws(DemoFailure) {
    for host in failing { try host.say("ups.status", "OB DISCHRG") }
    let time = try waitForFans(running: false)
    try show(
      "The mains fail: two of three UPSes say so, and the racks are cool. \(time) later, one second of "
        + "it by the rule, both racks are in the state fans-off, and their fans, a file each, stop.",
      "mcastd set ups.status=\"OB DISCHRG\"", "mcastd rules",
      "systemctl enable fans-off.service   # a unit of yours")
  }

  private func loseKnowledge() throws(DemoFailure) {
    for host in failing { try group.network.set(host, isConnected: false) }
    let time = try waitForFans(running: true)
    let names = failing.map(\.name).joined(separator: " and ")
    try show(
      "The cables of \(names) are pulled: nobody knows whether the mains are out, and what is unknown "
        + "keeps no fan off. \(time) later they run.", "mcastd readings")
    for host in failing { try group.network.set(host, isConnected: true) }
    let back = try waitForFans(running: false)
    try show("The cables are back, and the mains still out: the fans are off after \(back).", "mcastd rules")
  }

  private func restoreMains() throws(DemoFailure) {
    for host in failing { try host.say("ups.status", "OL") }
    let time = try waitForFans(running: true)
    try show("The mains are back: the fans run after \(time).", "mcastd set ups.status=OL")
  }

  // MARK: What is seen

  private var showsCutOff: Bool { group.network.showsCutOff }

  /// Whether every host hears every other, and itself.
  private var isWhole: Bool {
    hosts.allSatisfy { $0.hearsItself && $0.sees([.alive, .late]).count == hosts.count - 1 }
  }

  /// Whether to a host all others are unknown.
  private func doubts(_ host: DemoHost) -> Bool { host.sees([.unknown]).count == hosts.count - 1 }

  private func waitForFans(running: Bool) throws(DemoFailure) -> String {
    try wait(running ? "fans that run" : "fans that are off") { () throws(DemoFailure) in
      try racks.map { rack throws(DemoFailure) in try rack.driveFans() }.allSatisfy { $0 == running }
    }
  }

  private func show(_ sentence: String, _ commands: String...) throws(DemoFailure) {
    console.step(sentence, commands)
    try pause(console.pause)
  }

  /// - Returns: how long it took.
  @discardableResult
  private func wait(
    _ what: String, until isSo: () throws(DemoFailure) -> Bool
  ) throws(DemoFailure) -> String {
    let start = ContinuousClock.now
    while try !isSo() {
      for host in hosts { try host.check() }
      guard ContinuousClock.now - start < .seconds(Self.limit) else {
        throw .notSeen(what, seconds: Self.limit)
      }
      try pause(Self.pollInterval)
    }
    return DurationText.words((ContinuousClock.now - start).nanoseconds)
  }

  private func pause(_ time: Duration) throws(DemoFailure) {
    if let signal = Signals.service.wait(atMost: time) { throw .interrupted(signal) }
    if Console.isBroken { throw .interrupted(SIGPIPE) }
  }
}
