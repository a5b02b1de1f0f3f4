// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// A host that sends sealed heartbeats, by the code that the daemon sends them by.
package struct SealedSender: Sendable {
  package let host: HostName
  /// The interval that it says, in nanoseconds.
  package let every: Int64
  /// The time of its start as it says, and the number of its last heartbeat.
  package private(set) var run: UInt64
  package private(set) var sequence: UInt64 = 0
  /// What it says in its next heartbeats, and the number of that state.
  package private(set) var readings = ReadingWords()
  private var state: UInt64 = 0
  private let seal: HeartbeatSeal
  private var composer = HeartbeatComposer()

  /// - Parameters:
  ///   - keys: Lines of a file of keys.
  ///   - every: In nanoseconds.
  /// - Returns: Nil where none of the keys seals for the host.
  /// - Throws: `KeyFileError`.
  package init?(
    _ host: HostName, keys: String, group: Endpoint = SealedSender.group, run: UInt64 = 1,
    every: Int64 = 1_000_000_000
  ) throws {
    let ring = try Self.ring(keys)
    guard let seal = host.withUTF8({ HeartbeatSeal(ring, group: group, host: $0) }) else { return nil }
    (self.host, self.run, self.every, self.seal) = (host, run, every, seal)
  }

  /// The next heartbeat.
  ///
  /// - Parameter time: What its clock reads, in nanoseconds since 1970, UTC.
  package mutating func beat(at time: Int64) -> [UInt8] {
    sequence += 1
    return again(at: time)
  }

  /// One with the number of the last.
  ///
  /// - Parameter time: As in `beat`.
  package mutating func again(at time: Int64) -> [UInt8] {
    var said = Announcement()
    (said.host, said.run, said.sequence, said.every) = (host, run, sequence, every)
    said.state = state
    composer.compose(CivilTime(realtime: time, zone: .utc), said, utcOffset: 0, readings: readings)
    composer.seal(with: seal)
    return composer.bytes
  }

  /// Says these readings from now on.
  package mutating func say(_ readings: [Reading]) {
    self.readings = ReadingWords.composed(readings, room: 256).words
    state += 1
  }

  /// Its process is another one, which counts from 1.
  package mutating func restart(run: UInt64) { (self.run, sequence) = (run, 0) }
}

extension SealedSender {
  /// 239.1.1.1:5001.
  package static var group: Endpoint {
    Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  }

  /// 32 times `A`, `B` and `C`, in base64.
  package static let secrets = [
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=",
    "Q0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0M=",
  ]

  /// Lines of a file of keys as a ring.
  ///
  /// - Throws: `KeyFileError`.
  package static func ring(_ text: String) throws -> KeyRing {
    let bytes = Array(text.utf8)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    return try KeyRing(UnsafeRawBufferPointer(buffer))
  }
}
