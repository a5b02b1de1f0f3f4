// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// What journald has of its socket. It reads when the test says so.
package final class JournalEnd: Sendable {
  private let receiver: DatagramReceiver
  package var path: String { receiver.path }

  package init() throws { receiver = try DatagramReceiver(in: TemporaryDirectory()) }

  /// The next entry; waits for it. Nil when none comes, or when it is not well formed.
  package func next() -> JournalEntry? { receiver.next().flatMap { JournalEntry($0.bytes) } }

  /// The entries that are there.
  package func waiting() -> [JournalEntry?] { receiver.receiveAll().map { JournalEntry($0.bytes) } }

  /// Reads on a thread of its own until an entry is `last`.
  package func readAll(until last: @escaping @Sendable (JournalEntry) -> Bool) async -> [JournalEntry] {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "journal end").async {
        var entries: [JournalEntry] = []
        while let entry = self.next() {
          entries.append(entry)
          if last(entry) { break }
        }
        continuation.resume(returning: entries)
      }
    }
  }
}

/// One entry as journald reads its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), independently of
/// what wrote it: a blank line ends an entry, so that a forged second one makes it ill formed, as does a
/// field given twice.
package struct JournalEntry: Sendable {
  package private(set) var fields: [String: [UInt8]] = [:]

  package init?(_ bytes: some Sequence<UInt8>) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")), end > rest.startIndex else { return nil }
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      let value: ArraySlice<UInt8>
      let name: ArraySlice<UInt8>
      if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
        (name, value) = (line[..<equals], line[(equals + 1)...])
      } else {
        guard rest.count >= 9 else { return nil }
        let length = Int(rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
        rest = rest.dropFirst(8)
        guard length < rest.count, rest[rest.startIndex + length] == UInt8(ascii: "\n") else { return nil }
        (name, value) = (line, rest.prefix(length))
        rest = rest.dropFirst(length + 1)
      }
      guard fields.updateValue(Array(value), forKey: String(decoding: name, as: UTF8.self)) == nil else {
        return nil
      }
    }
  }

  package subscript(_ name: String) -> String? { fields[name].map { String(decoding: $0, as: UTF8.self) } }
}
