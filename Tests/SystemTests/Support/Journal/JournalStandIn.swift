// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

/// journald's place for one daemon on a host that has no systemd of its own: a socket where that daemon, in
/// its own mount namespace, has /run/systemd/journal/socket. Tests then see MESSAGE_ID, priority and fields
/// of each entry.
final class JournalStandIn: Sendable {
  struct Contents: Sendable {
    /// Entries of received datagrams, in order.
    var datagrams: [JournalEntry] = []
    /// Their messages.
    var lines: [String] = []
    /// All other entries, in order.
    var events: [JournalEntry] = []
    /// Not in the native protocol's form.
    var malformed = 0
  }

  private let receiver: DatagramReceiver
  private let directory: String
  let contents = Observed(Contents())

  /// Makes one for the time of `body`, and expects that all that comes is in the native protocol's form.
  static func with<T>(_ body: (JournalStandIn) async throws -> T) async throws -> T {
    try await RuntimeDirectory.with { directory in
      let journal = try JournalStandIn(directory: directory)
      defer { journal.receiver.stop() }
      let result = try await body(journal)
      #expect(journal.contents.value.malformed == 0)
      return result
    }
  }

  private init(directory: String) throws {
    self.directory = directory
    receiver = try DatagramReceiver(path: "\(directory)/socket")
    OwnThread.run { [receiver, contents] in
      while true {
        guard let datagram = receiver.next() else { continue }
        // Its own end.
        if datagram.bytes.isEmpty, datagram.descriptor == nil { return }
        let entry = JournalEntry(native: Self.bytes(of: datagram))
        contents.update { $0.note(entry) }
      }
    }
  }

  /// `command` as it must be written to have this journal, in a mount namespace of its own such as
  /// `ip netns exec` makes.
  func connecting(_ command: [String]) -> [String] {
    // Where there is no systemd the mount point is missing.
    let script = """
      mkdir -p /run/systemd/journal && mount --bind "$1" /run/systemd/journal || exit
      shift
      JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) && export JOURNAL_STREAM && exec "$@"
      """
    return ["sh", "-c", script, "sh", directory] + command
  }

  /// An entry that is too large for a datagram comes as a file.
  private static func bytes(of datagram: DatagramReceiver.Datagram) -> [UInt8] {
    guard let descriptor = datagram.descriptor else { return datagram.bytes }
    defer { close(descriptor) }
    return (try? readFile("/proc/self/fd/\(descriptor)")) ?? []
  }
}

extension JournalStandIn.Contents {
  fileprivate mutating func note(_ entry: JournalEntry?) {
    guard let entry else {
      malformed += 1
      return
    }
    if entry["MESSAGE_ID"] == EventID.received {
      datagrams.append(entry)
      lines.append(entry.message)
    } else {
      events.append(entry)
    }
  }
}
