// SPDX-License-Identifier: Apache-2.0

import Daemon
import Dispatch
import Facts
import Glibc
import Heartbeat
import Platform
import Synchronization
import TestSupport
import Testing

/// A directory of readings with what it says, and one beside it for files that they lead to.
final class ReadingsFixture: Sendable {
  let files: TemporaryDirectory
  let changes = Changes()
  let readings: ReadingsDirectory

  /// - Parameter expire: Seconds.
  init(expire: Int64 = 30) throws {
    files = try TemporaryDirectory()
    try files.makeDirectory("readings.d")
    try files.makeDirectory("run")
    readings = ReadingsDirectory(
      path: "\(files.path)/readings.d", expire: expire * 1_000_000_000,
      onChange: { [changes] in changes.take($0) })
  }

  deinit {
    let readings = readings
    Task { await readings.stop() }
  }

  /// The path of the directory of readings.
  var path: String { "\(files.path)/readings.d" }

  /// Writes a file below the directory of readings.
  func write(_ name: String, _ text: String) throws { try files.write("readings.d/\(name)", text) }

  /// Makes a symlink in the directory of readings, to a file of `run` where the target is a name.
  func link(_ name: String, to target: String) throws {
    try files.link("readings.d/\(name)", to: target.contains("/") ? target : "\(files.path)/run/\(target)")
  }

  /// Replaces a file atomically.
  func replace(_ name: String, _ text: String) throws {
    let path = try files.write("\(name).tmp", text)
    guard rename(path, "\(files.path)/\(name)") == 0 else { throw TestFailure(call: "rename", errno: errno) }
  }

  /// Sets the time of a file, in seconds from now.
  func touch(_ name: String, _ seconds: Int) throws {
    var times = [timespec](repeating: timespec(tv_sec: time(nil) + seconds, tv_nsec: 0), count: 2)
    guard utimensat(AT_FDCWD, "\(files.path)/\(name)", &times, 0) == 0 else {
      throw TestFailure(call: "utimensat", errno: errno)
    }
  }

  /// What the files say once all were read.
  func start() async -> [String: String] {
    await readings.start()
    return await changes.wait { _ in true }.texts
  }

  /// What the files say once these values are there.
  func wait(for values: [String: String], _ location: SourceLocation = #_sourceLocation) async {
    await changes.wait(location) { files in values.allSatisfy { files.texts[$0.key] == $0.value } }
  }

  /// What is wrong with a file, or with the directory.
  func problem(_ name: String? = nil) -> ReadingFileFault.Problem? {
    changes.latest?.faults.first { $0.path == path + (name.map { "/\($0)" } ?? "") }?.problem
  }
}

extension ReadingFiles {
  /// The values as text.
  var texts: [String: String] {
    Dictionary(uniqueKeysWithValues: values.map { ($0.key.text, $0.value.text) })
  }
}

/// What was told of the files of readings.
final class Changes: Sendable {
  private struct Waiter {
    var isMet: @Sendable (ReadingFiles) -> Bool
    var continuation: CheckedContinuation<ReadingFiles?, Never>
  }

  private struct State {
    var all: [ReadingFiles] = []
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0
  }

  private let state = Mutex(State())

  var all: [ReadingFiles] { state.withLock { $0.all } }
  var latest: ReadingFiles? { state.withLock { $0.all.last } }

  func take(_ files: ReadingFiles) {
    let met = state.withLock { state in
      state.all.append(files)
      let met = state.waiters.filter { $0.value.isMet(files) }
      for number in met.keys { state.waiters[number] = nil }
      return met.values.map(\.continuation)
    }
    for continuation in met { continuation.resume(returning: files) }
  }

  /// - Returns: What was told last, or the first that is told from now on for which it holds. Where none is
  ///   told within 20 s the test fails, and it is the last one.
  @discardableResult
  func wait(
    _ location: SourceLocation = #_sourceLocation, for isMet: @escaping @Sendable (ReadingFiles) -> Bool
  ) async -> ReadingFiles {
    let met: ReadingFiles? = await withCheckedContinuation { continuation in
      let (present, number) = state.withLock { state -> (ReadingFiles?, Int) in
        if let latest = state.all.last, isMet(latest) { return (latest, 0) }
        state.nextWaiter += 1
        state.waiters[state.nextWaiter] = Waiter(isMet: isMet, continuation: continuation)
        return (nil, state.nextWaiter)
      }
      if let present { return continuation.resume(returning: present) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 20) { [self] in
        state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: nil)
      }
    }
    if met == nil { Issue.record("it was not told within 20 s", sourceLocation: location) }
    return met ?? latest ?? ReadingFiles()
  }
}
