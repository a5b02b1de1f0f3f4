// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Platform

/// What journald has of a socket: AF_UNIX, datagrams, bound to a path. It reads when the test says so.
package final class JournalEnd: Sendable {
  package let path: String
  private let descriptor: Int32
  /// Kept, or its end would take the socket's path with it.
  private let directory: TemporaryDirectory

  package init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/socket"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let bound = UnixAddress(path: path)?.withSockaddr { [descriptor] in bind(descriptor, $0, $1) }
    guard descriptor >= 0, bound == 0 else { throw TestFailure(call: "bind", errno: errno) }
    // A test that waits for what never comes fails; it does not hang.
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// The next entry; waits for it. Nil when none comes, or when it is not well formed.
  package func next() -> JournalEntry? { receive(0).flatMap { JournalEntry($0) } }

  /// The entries that are there.
  package func waiting() -> [JournalEntry?] {
    var entries: [JournalEntry?] = []
    while let bytes = receive(Int32(MSG_DONTWAIT)) { entries.append(JournalEntry(bytes)) }
    return entries
  }

  private func receive(_ flags: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    let count = recv(descriptor, &bytes, bytes.count, flags)
    return count >= 0 ? Array(bytes[..<count]) : nil
  }

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

/// One entry as journald reads its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), independently of what wrote
/// it: a blank line ends an entry, so that a forged second one makes it ill formed, as does a field given twice.
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
