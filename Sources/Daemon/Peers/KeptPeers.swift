// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Heartbeat
import Multicast

/// The peer table in a file of the runtime directory, for the next process: a restart reports nobody as new
/// or silent who is neither.
struct KeptPeers: Codable {
  /// The group and port whose peers they are: those of another one have nothing to do with it.
  var group: String?
  /// The cookie of the network namespace that they were heard in: another one has other interfaces, and other
  /// hosts under the same addresses. Files of 0.1.0 have none.
  var namespace: UInt64?
  /// By interface, as `names` numbers them.
  var snapshots: [Int: PeerSnapshot<PeerID>]
  var names: InterfaceNames
  /// From which ports our own heartbeats left, by interface: those that wait in the socket are still ours.
  var ownPorts: [Int32: UInt16]?
  /// Expected peers that were never heard and told to be silent.
  var silentExpected: [String]?
  /// Whether it was written at an orderly end, after the last datagram that was read.
  var isComplete: Bool

  private static let file = "/peers.json"
  /// A peer takes about 700 bytes.
  private static let longest = 1 << 30

  /// What the process before left; nil when there is nothing that can be read, or it is of another group, of
  /// another network namespace or of an earlier boot (the runtime directory does not outlive one).
  static func read(
    directory: String?, group: Endpoint, namespace: UInt64? = NetworkNamespace.cookie
  ) -> KeptPeers? {
    guard let directory else { return nil }
    let descriptor = open(directory + file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0, status.st_size < longest else { return nil }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let read = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        guard read > 0 else { break }
        count += read
      }
    }
    let kept = try? JSONDecoder().decode(KeptPeers.self, from: Data(bytes))
    guard let kept, kept.group == "\(group)" else { return nil }
    return kept.namespace == nil || kept.namespace == namespace ? kept : nil
  }

  /// Replaces the file in one step.
  func write(directory: String?) {
    guard let directory, let data = try? JSONEncoder().encode(self) else { return }
    let temporary = directory + Self.file + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    let failure = Console.write([UInt8](data), to: descriptor)
    close(descriptor)
    if failure == 0 { rename(temporary, directory + Self.file) }
  }
}
