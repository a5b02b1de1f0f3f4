// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Liveness
import Platform

/// No stored peers make the table trap, neither when they are restored nor by the beats that follow.
///
/// An input that begins with a brace is a snapshot in JSON, and one that begins with a digit is lines of
/// peers (`PeerLine`). Any other is a list of edits, ten bytes each: which of the numbers of a good file, and
/// what to put in its place, in JSON and in lines.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: bytes, count: count)
  if PeerLine.isOne(input) {
    restore(lines: Array(input))
  } else if input.first == UInt8(ascii: "{") {
    restore(json: Array(input))
  } else {
    restore(json: GoodFile.json.edited(by: input))
    restore(lines: GoodFile.lines.edited(by: input))
  }
  return 0
}

private func restore(json: [UInt8]) {
  guard let snapshot = try? JSONDecoder().decode(PeerSnapshot<PeerID>.self, from: Data(json)) else { return }
  restore(snapshot)
}

/// Whatever is read is written and read as the same.
private func restore(lines: [UInt8]) {
  var snapshot = GoodFile.snapshot
  snapshot.entries = []
  for line in lines.split(separator: UInt8(ascii: "\n")) {
    guard let entry = line.withUnsafeBytes({ PeerLine.read($0) }) else { continue }
    snapshot.entries.append(entry)
    var once: [UInt8] = []
    PeerLine.append(entry, to: &once)
    guard let again = once.dropLast().withUnsafeBytes({ PeerLine.read($0) }) else {
      fatalError("not read again")
    }
    var twice: [UInt8] = []
    PeerLine.append(again, to: &twice)
    precondition(once == twice)
  }
  restore(snapshot)
}

private func restore(_ snapshot: PeerSnapshot<PeerID>) {
  for isGapless in [true, false] {
    var table = PeerTable(restoring: snapshot, capacity: 4, at: 70_000_000_000, isGapless: isGapless)
    _ = table.takeEvents(limit: .max)
    for second in Int64(70)..<90 {
      for id in ids { table.heard(beat(at: second * 1_000_000_000), from: id) }
      table.judge(at: second * 1_000_000_000, hearsItself: true)
    }
    table.suspend(.interfaceGone, since: 90_000_000_000)
    table.judge(at: 100_000_000_000, hearsItself: true)
    table.resume(.interfaceGone, at: 100_000_000_000)
    table.judge(at: 200_000_000_000, hearsItself: true)
    _ = table.nextDeadline
    _ = table.takeEvents(limit: .max)
    _ = table.snapshot(at: 200_000_000_000)
  }
}

private let ids = (UInt64(1)...3).map {
  PeerID(address: IPAddress(family: .ipv4, high: 0, low: $0), interface: 0)
}

private func beat(at time: Int64) -> HeartbeatArrival {
  HeartbeatArrival(
    arrival: time, payload: 1_790_000_000_000_000 + time / 1000, wallClock: time / 1000, port: 4242)
}

/// A file as the daemon writes it, in pieces between its numbers.
private struct GoodFile {
  static let snapshot = good()
  static let json = GoodFile(Array((try? JSONEncoder().encode(snapshot)) ?? Data()))
  static let lines = GoodFile(
    snapshot.entries.reduce(into: []) { bytes, entry in PeerLine.append(entry, to: &bytes) })

  /// Text, number, text, number …
  private var pieces: [[UInt8]] = []

  private static func good() -> PeerSnapshot<PeerID> {
    var table = PeerTable<PeerID>(capacity: 4)
    for second in Int64(0)..<60 {
      for id in ids where id != ids[0] || second < 30 {
        table.heard(beat(at: second * 1_000_000_000), from: id)
      }
      table.judge(at: second * 1_000_000_000, hearsItself: true)
    }
    return table.snapshot(at: 60_000_000_000)
  }

  private init(_ bytes: [UInt8]) {
    var isNumber = false
    pieces = [[]]
    for byte in bytes {
      let belongs = byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      if belongs != isNumber { pieces.append([]) }
      isNumber = belongs
      pieces[pieces.count - 1].append(byte)
    }
  }

  func edited(by edits: UnsafeRawBufferPointer) -> [UInt8] {
    var pieces = pieces
    var offset = 0
    while offset + 10 <= edits.count {
      let which = Int(edits.loadUnaligned(fromByteOffset: offset, as: UInt16.self)) % (pieces.count / 2)
      let value = edits.loadUnaligned(fromByteOffset: offset + 2, as: Int64.self)
      pieces[2 * which + 1] = Array("\(value)".utf8)
      offset += 10
    }
    return pieces.flatMap { $0 }
  }
}
