// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension SystemTests {
  /// Files of readings that are not as they should be, in the sandbox of the unit.
  @Suite(.container)
  struct ReadingFilesTests {
    private static let directory = "/etc/mcastd/readings.d"
    private static let settings = "Environment=MCASTD_NAME=h1 MCASTD_READINGS_EXPIRE=1h"

    /// Of which something is wrong that lasts, and what to look for in the text.
    private static let lasting = [
      ("UPS", "is not read"), ("a.binary", "is no text"), ("a.dir", "is a directory"),
      ("a.fifo", "is no regular file"), ("a.large", "is too long"), ("a.loop", "symlinks"),
    ]
    /// The same that may pass.
    private static let passing = [
      ("a.empty", "is empty"), ("a.future", "later than now"), ("a.gone", "which is not there"),
      ("a.hung", "does not return"), ("a.lost", "does not return"), ("a.old", "was not written for"),
      ("a.secret", "must be able to read it"),
    ]
    /// A file that is replaced.
    private static let replaced = "a.replaced"

    /// With a hundred files that are as they should be, which are too many, and `mount` for what hangs.
    private static let files = """
      set -e
      mkdir -p \(directory) /run/hung /run/replaced
      cd \(directory)
      mkfifo a.fifo
      mkdir a.dir
      head -c 1048576 /dev/zero | tr '\\0' x >a.large
      printf '\\177ELF\\001\\377\\n' >a.binary
      : >a.empty
      echo 1 | tee UPS a.future a.old a.secret >/run/replaced/value
      touch -d '1 hour' a.future
      touch -d '2 hours ago' a.old
      chmod 600 a.secret
      ln -s /run/nothing a.gone
      ln -s a.loop a.loop
      ln -s /run/hung/file a.hung
      ln -s /run/hung/lost a.lost
      ln -s /sys/class/net/lo/mtu a.sysfs
      ln -s /run/replaced/value \(replaced)
      for number in $(seq 100 199); do echo $number >good.n$number; done
      """

    private static func withFiles(
      _ body: (Container, HangingFileSystem) async throws -> Void
    ) async throws {
      let container = try Container.current
      try await container.run("sh", "-c", files).checked()
      let system = try await OwnThread.value { [leader = container.leader] in
        try HangingFileSystem(at: "/run/hung", in: leader)
      }
      try await container.withDropIn(settings) { try await body(container, system) }
      try await container.run("rm", "-r", directory).checked()
    }

    /// What the daemon has told of files so far, by the name of the file; of the directory with `.`.
    private static func told(
      _ id: String = EventID.readingLeftOut, in container: Container, after position: UInt64
    ) async throws -> [String: [String]] {
      let entries = try await container.journal(after: position, "--unit=mcastd", "MESSAGE_ID=\(id)")
      return entries.reduce(into: [:]) { told, entry in
        let path = entry["MCAST_PATH"] ?? ""
        let name = path == directory ? "." : String(path.dropFirst(directory.utf8.count + 1))
        told[name, default: []].append(entry.message)
      }
    }

    @Test(
      "what is wrong with each of many files is told once, the others are said, and no heartbeat is missing",
      .enabled(if: HangingFileSystem.isAvailable, "\(HangingFileSystem.need)"))
    func faults() async throws {
      try await Self.withFiles { container, system in
        let start = try await container.journalEnd()
        try await container.peer("receiver", "--share", "--interface", "127.0.0.1") { receiver in
          try await receiver.line { $0 == "ready" }
          try await container.systemctl("start", "mcastd")
          // The first is told before all have been read.
          let count = Self.lasting.count + Self.passing.count + 1
          try await eventually("all faults") {
            try await Self.told(in: container, after: start).count >= count ? () : nil
          }
          let replace = """
            for number in $(seq 1000); do echo word $number >.value && mv .value value || exit; done
            """
          try await container.run("sh", "-c", "cd /run/replaced && \(replace)").checked()
          let last = try await receiver.line { $0.contains(#" \#(Self.replaced)="word 1000" "#) }
          for word in ["a.fifo=?", "a.hung=?", "a.sysfs=65536", "good.n100=100"] {
            #expect(last.contains(" \(word) "), "\(last)")
          }
          // Two more beats, after all that was sent because of a change.
          try await receiver.lines(2) { $0.contains(" good.n100=") && $0 > last }
          Self.expectNoneMissing(receiver.lines)
        }
        try await Self.expectAllTold(in: container, after: start)
        try await Self.expectChecked(container)

        try system.answer("21.5C")
        try await container.run("touch", "\(Self.directory)/a.future").checked()
        try await eventually("what was mended") {
          let told = try await Self.told(EventID.readingSaid, in: container, after: start)
          return Set(told.keys).isSuperset(of: ["a.future", "a.hung", "a.lost"]) ? () : nil
        }
      }
    }

    @Test(
      "a daemon that the kernel holds in a read is replaced in time",
      .enabled(if: HangingFileSystem.isAvailable, "\(HangingFileSystem.need)"))
    func restart() async throws {
      try await Self.withFiles { container, system in
        try await container.systemctl("start", "mcastd")
        for _ in 1...2 {
          try await eventually("a read that hangs") {
            try await system.waiting().contains("file") ? () : nil
          }
          let before = try await container.mainProcess()
          // Four times TimeoutStopSec=.
          try await container.systemctl("restart", "mcastd", within: .seconds(30))
          let state = try await container.properties("ActiveState", "MainPID")
          #expect(state["ActiveState"] == "active" && state["MainPID"] != before, "\(state)")
        }
        try system.answer("21.5C")
      }
    }

    /// Each datagram of a run has the next number.
    private static func expectNoneMissing(_ lines: [String]) {
      let numbers = lines.compactMap { $0.firstMatch(of: #/ seq=(\d+) /#).flatMap { Int($0.1) } }
      #expect(numbers.count > 10 && numbers == Array((numbers.first ?? 0)..<(numbers.last ?? 0) + 1))
    }

    private static func expectAllTold(in container: Container, after start: UInt64) async throws {
      let told = try await told(in: container, after: start)
      #expect(told.values.allSatisfy { $0.count == 1 }, "\(told)")
      for (name, text) in lasting + passing + [(".", "at most 64 readings")] {
        #expect(told[name]?.first?.contains(text) == true, "\(name): \(told[name] ?? [])")
      }
      #expect(told.count == lasting.count + passing.count + 1, "\(told)")
    }

    /// `mcastd check`, as the user of the daemon, says the same.
    private static func expectChecked(_ container: Container) async throws {
      let check = try await container.run("runuser", "-u", "mcastd", "--", "mcastd", "check")
      #expect(check.status == .exited(78), "\(check)")
      for (kind, files) in [("error", lasting), ("warning", passing)] {
        for (name, text) in files {
          let line = "mcastd: \(kind): reading not said: \(directory)/\(name): "
          #expect(check.errorLines.contains { $0.hasPrefix(line) && $0.contains(text) }, "\(name): \(check)")
        }
      }
    }
  }
}
