// SPDX-License-Identifier: Apache-2.0

import Facts
import Testing

@testable import Heartbeat
@testable import Journal
@testable import Monitor
@testable import Platform

extension MessageTextTests {
  static func readings() throws -> [Row] {
    let (status, load) = (try reading("ups.status"), try reading("ups.load"))
    let drill = try reading("test.ups.status")
    let (online, battery) = (try good("OL"), try good("OB DISCHRG"))
    let gone = ReadingChange.Told(unknown: .gone)
    let fields = [
      "MCAST_HOST": "ups1", "MCAST_PEER": "10.0.0.5", "MCAST_READING": "ups.status", "MCAST_COUNT": "1",
    ]
    return [
      Row(
        told(ReadingsEvent.changed, ReadingChange(status, now: battery, before: online)), .readingChanged,
        .notice,
        "ups1 says ups.status=OB DISCHRG, and said OL before",
        fields.merging(["MCAST_VALUE": "OB DISCHRG", "MCAST_QUALITY": "good"]) { $1 }),
      Row(
        told(
          ReadingsEvent.changed,
          ReadingChange(
            status, now: ReadingChange.Told(battery.value, .unauthenticated), before: online)),
        .readingChanged, .notice,
        "ups1 says ups.status=OB DISCHRG, and said OL before. It is not authentic",
        ["MCAST_QUALITY": "unauthenticated"]),
      Row(
        told(
          ReadingsEvent.changed,
          ReadingChange(drill, now: ReadingChange.Told(battery.value, .drill), before: nil)),
        .readingChanged, .notice, "for practice, ups1 says ups.status=OB DISCHRG",
        ["MCAST_READING": "test.ups.status", "MCAST_QUALITY": "drill"]),
      Row(
        told(
          ReadingsEvent.changed,
          ReadingChange(drill, now: gone, before: ReadingChange.Told(battery.value, .drill), isGone: true)),
        .readingChanged, .notice, "for practice, ups1 says nothing of ups.status any more"),
      // What is heard for the first time comes with the peer, and numbers move all the time.
      Row(told(ReadingsEvent.changed, ReadingChange(status, now: online, before: nil))),
      Row(told(ReadingsEvent.changed, ReadingChange(load, now: try good("21%"), before: try good("20%")))),
      Row(
        told(
          ReadingsEvent.unknown,
          ReadingChange(status, now: ReadingChange.Told(unknown: .said), before: online)),
        .readingUnknown, .warning, "ups.status of ups1 is unknown: it says so",
        fields.merging(["MCAST_VALUE": "?"]) { $1 }),
      Row(
        told(
          ReadingsEvent.unknown, ReadingChange(load, now: gone, before: try good("20%"), isGone: true),
          ReadingChange(
            status, now: ReadingChange.Told(online.value, .stale), before: online)), .readingUnknown,
        .warning,
        "ups.load, ups.status of ups1 are unknown: nothing is said of it any more, or the host was not "
          + "heard for 5 beats", ["MCAST_COUNT": "2", "MCAST_READING": "ups.load"]),
      Row(
        told(
          ReadingsEvent.unknown,
          ReadingChange(status, now: ReadingChange.Told(unknown: .namesake), before: online)),
        .readingUnknown, .warning, "ups.status of ups1 is unknown: two senders use the name of the host"),
      Row(
        told(
          ReadingsEvent.known, ReadingChange(load, now: try good("20%"), before: gone),
          ReadingChange(status, now: online, before: gone)), .readingKnown, .notice,
        "ups1 says again: ups.load=20%, ups.status=OL", ["MCAST_COUNT": "2"]),
      Row(
        .readings(.suppressed(try Example.numbers().second), group: Example.group), .summarised, .warning,
        "2 changes of readings have no entry of their own, there were too many at once; 42 in all within 4.0 s: see "
          + "`mcastd readings`", ["MCAST_REASON": "readings", "MCAST_SUMMARISED": "2"]),
      Row(
        .ownReadings(.leftOut([status])), .readingLeftOut, .warning,
        "no room in a heartbeat for ups.status: it has at most 1000 bytes and 64 readings, and the last by "
          + "name are left out. Say less, or give the important ones names that come first.",
        ["MCAST_READING": "ups.status", "MCAST_COUNT": "1"]),
      Row(
        .ownReadings(.leftOut([])), .readingSaid, .notice,
        "there is room in a heartbeat again for all readings of this host"),
      Row(
        .ownReadings(.faulty(ReadingFileFault(path: "/etc/mcastd/readings.d/UPS", problem: .isDirectory))),
        .readingLeftOut, .warning,
        "reading not said: /etc/mcastd/readings.d/UPS: is a directory; readings are files, or symlinks to "
          + "files", ["MCAST_PATH": "/etc/mcastd/readings.d/UPS"]),
      Row(
        .ownReadings(.mended(path: "/etc/mcastd/readings.d/UPS")), .readingSaid, .notice,
        "reading said again: /etc/mcastd/readings.d/UPS"),
      Row(
        .ownReadings(.nameless(directory: "/etc/mcastd/readings.d")), .readingLeftOut, .warning,
        "the files in /etc/mcastd/readings.d are not said: this host has no name, under which others would "
          + "know them. Set name= in mcastd.conf, for example name=auto, and reload."),
    ]
  }

  private static func reading(_ word: String) throws -> Reading.ID { try #require(Reading.ID(word: word)) }

  private static func good(_ value: String) throws -> ReadingChange.Told {
    ReadingChange.Told(try #require(ReadingValue(value)), .good)
  }

  private static func told(
    _ kind: (HostChanges) -> ReadingsEvent, _ changes: ReadingChange...
  ) -> Event {
    .readings(
      kind(HostChanges(host: "ups1", address: Example.address(5), time: second, changes: changes)),
      group: Example.group)
  }
}
