// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Liveness

/// No stored peers make the table trap, neither when they are restored nor by the beats that follow.
///
/// An input that begins with a brace is the file itself. Any other is a list of edits, ten bytes each: which
/// of the numbers of a good file, and what to put in its place.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: bytes, count: count)
  let file = input.first == UInt8(ascii: "{") ? Array(input) : GoodFile.standard.edited(by: input)
  guard let snapshot = try? JSONDecoder().decode(PeerSnapshot<Int>.self, from: Data(file)) else { return 0 }
  for isGapless in [true, false] {
    var table = PeerTable(restoring: snapshot, capacity: 4, at: 70_000_000_000, isGapless: isGapless)
    _ = table.takeEvents(limit: .max)
    for second in Int64(70)..<90 {
      for id in 0..<3 { table.heard(beat(at: second * 1_000_000_000), from: id) }
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
  return 0
}

private func beat(at time: Int64) -> HeartbeatArrival {
  HeartbeatArrival(
    arrival: time, payload: 1_790_000_000_000_000 + time / 1000, wallClock: time / 1000, port: 4242)
}

/// A file as the daemon writes it, in pieces between its numbers.
private struct GoodFile {
  static let standard = GoodFile()

  /// Text, number, text, number …
  private var pieces: [[UInt8]] = []

  init() {
    var table = PeerTable<Int>(capacity: 4)
    for second in Int64(0)..<60 {
      for id in 0..<3 where id > 0 || second < 30 { table.heard(beat(at: second * 1_000_000_000), from: id) }
      table.judge(at: second * 1_000_000_000, hearsItself: true)
    }
    let data = (try? JSONEncoder().encode(table.snapshot(at: 60_000_000_000))) ?? Data()
    var isNumber = false
    pieces = [[]]
    for byte in data {
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
