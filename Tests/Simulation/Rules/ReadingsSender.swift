// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// A host that says readings: the heartbeats that it sends.
struct ReadingsSender {
  let name: HostName
  /// What its heartbeats prove, for those who hear them; nil where nothing has to be proved.
  var proof: Proof?
  private let interval: String
  private var sequence = 0
  private var state = 0
  private var readings: [(key: String, value: String)] = []
  /// As they stand in a heartbeat.
  private var words = ""

  /// - Parameter interval: As a heartbeat says it.
  init(_ name: HostName, every interval: String = "1s") {
    self.name = name
    self.interval = interval
  }

  /// What it says of a reading from now on; nil for nothing.
  mutating func say(_ key: String, _ value: String?) {
    let place = readings.firstIndex { $0.key == key }
    switch (place, value) {
    case (let place?, let value?): readings[place].value = value
    case (let place?, nil): readings.remove(at: place)
    case (nil, let value?): readings.append((key, value))
    case (nil, nil): return
    }
    state += 1
    words = readings.reduce(into: "") { text, reading in
      text +=
        reading.value.contains(" ")
        ? " \(reading.key)=\"\(reading.value)\"" : " \(reading.key)=\(reading.value)"
    }
  }

  /// Its next heartbeat.
  mutating func beat() -> [UInt8] {
    sequence += 1
    return Array(
      "ATU 2026-11-30 00:00:00 host=\(name) run=1 seq=\(sequence) every=\(interval) state=\(state)\(words)"
        .utf8)
  }

  /// Whether it says no readings.
  var saysNothing: Bool { readings.isEmpty }

  /// What it says, as its own daemon has it.
  var said: [Reading] {
    readings.compactMap { key, value in
      guard let id = Reading.ID(word: key), let value = ReadingValue(value) else { return nil }
      return Reading(id, value)
    }
  }
}
