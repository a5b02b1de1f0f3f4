// SPDX-License-Identifier: Apache-2.0

import Daemon
import Facts
import Heartbeat
import Monitor
import Platform

/// A host that says readings and hears those of others: what outlives a process of the daemon.
final class ReadingsHost {
  struct Waiting {
    /// Its place among all that were sent.
    var datagram: Int32
    var interface: Int32
    /// CLOCK_REALTIME of the host.
    var stamp: Int64
  }

  let number: Int
  let plan: ReadingsScenario.HostPlan
  /// The numbers of its ports in the world.
  let ports: Range<Int>
  var clock: HostClock
  var interval: Int64
  var process: ReadingsProcess?
  var generation = 0
  /// Until when no process runs, though one is there, in simulated nanoseconds.
  var stalledUntil: Int64 = .min
  /// Whether it is away for good.
  var isGone = false
  /// Whether the service manager keeps the socket while no process is there.
  var keepsSocket = false
  /// The longest interval that it ever said, in nanoseconds.
  var longestInterval: Int64

  /// The keys that it may say.
  var keys: [ReadingKey] = []
  /// What its files have, and the last number of its counter.
  var files: [ReadingKey: ReadingValue] = [:]
  var changes = 0
  /// The runs that the runtime directory knows, the last first.
  var storedRuns: [UInt64] = []
  /// Heartbeats that it sent.
  var sent = 0

  /// What its daemons left of their rule, and how it is with what it says, until when.
  var fleet = FleetHost()
  var mood = ReadingsWorld.Mood.right
  var moodEnds = Int64.min

  // MARK: The socket

  private var entries: [Waiting] = []
  private var head = 0
  private(set) var drops = 0
  private(set) var received = 0
  var waiting: Int { entries.count - head }

  init(number: Int, plan: ReadingsScenario.HostPlan, ports: Range<Int>) {
    self.number = number
    self.plan = plan
    self.ports = ports
    interval = plan.interval
    longestInterval = plan.interval
    clock = HostClock(boot: plan.boot, drift: plan.drift, step: plan.clockError)
  }

  /// A datagram finds room in the socket, or is dropped.
  func queue(_ entry: Waiting) -> Bool {
    guard waiting < plan.socketLimit else {
      drops += 1
      return false
    }
    entries.append(entry)
    received += 1
    return true
  }

  func take(_ most: Int) -> ArraySlice<Waiting> {
    let taken = entries[head..<min(entries.count, head + most)]
    head = taken.endIndex
    if head == entries.count { closeSocket() }
    return taken
  }

  /// What waits is gone.
  func closeSocket() {
    entries.removeAll(keepingCapacity: true)
    head = 0
  }
}

/// A process of a host's daemon: what it says, and what it knows of others.
final class ReadingsProcess {
  let generation: Int
  var said: SaidReadings
  /// What heartbeats are to say since a change was sent.
  var composed: [Reading] = []
  /// Whether it said goodbye once.
  var isLeaving = false
  var writer: BeatWriter
  var wallClock = WallClock(zone: .utc)
  var schedule: BeatSchedule
  /// The place of each port in `writer.numbers`.
  let places: [Int]
  var budget: SendingBudget
  var monitor: Monitor
  var told = ToldReadings()
  /// By host: what was read of it.
  var heard: [HeardVersions]
  /// By host: until when its name is to be found used twice, in nanoseconds of CLOCK_MONOTONIC.
  var contestedUntil: [Int64]
  /// What waits in a socket that was kept, of which nobody knows when it arrived.
  var ignoresWaiting: Bool

  /// What it may know that its rule asks; nil where it has none.
  var book: FleetBook?
  /// Until when nothing unknown ends the state that it took up.
  var adoptedUntil = FleetBook.never
  /// Whether its rule is suspended.
  var isLimited = false
  /// Whether anything was told since the last checkpoint.
  var hasTold = false

  // When things are to happen: in simulated nanoseconds what is in the agenda, the others in nanoseconds of
  // CLOCK_MONOTONIC.
  var copyAt = Int64.max
  var expiryAt = Int64.max
  var deadline: Int64?
  var earliestJudgement = Int64.min
  var isWaking = false
  var countedDrops = 0

  init(
    generation: Int, said: SaidReadings, writer: BeatWriter, places: [Int], schedule: BeatSchedule,
    monitor: Monitor, budget: SendingBudget, hosts: Int, ignoresWaiting: Bool
  ) {
    self.generation = generation
    self.said = said
    self.writer = writer
    self.places = places
    self.schedule = schedule
    self.monitor = monitor
    self.budget = budget
    self.ignoresWaiting = ignoresWaiting
    heard = Array(repeating: HeardVersions(), count: hosts)
    contestedUntil = Array(repeating: .min, count: hosts)
  }
}
