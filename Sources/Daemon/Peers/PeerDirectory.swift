// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Peers as files, for `.path` units to react to without any privilege: `peers/alive/ADDRESS`,
/// `peers/silent/ADDRESS`, `peers/unknown/ADDRESS` and `peers/network-silent` exist exactly while it is so.
/// Each holds the peer's facts as `key=value` lines.
///
/// A name is made of a checked address and of nothing else that came over the network. A link-local IPv6
/// address has `%INTERFACE` after it, as everywhere on Linux. Files are put in place by rename(2): nobody
/// sees half of one.
struct PeerDirectory {
  enum Folder: String, CaseIterable {
    case alive
    case silent
    case unknown
  }

  private let path: String

  /// - Parameter runtime: the runtime directory; nil makes no directory.
  init?(runtime: String?) {
    guard let runtime else { return nil }
    let path = runtime + "/peers"
    self.path = path
    for directory in [path] + Folder.allCases.map({ "\(path)/\($0.rawValue)" }) {
      mkdir(directory, 0o755)
      // Readable by all, whatever the umask: other units watch it.
      chmod(directory, 0o755)
    }
  }

  /// The names in a folder.
  func names(in folder: Folder) -> Set<String> {
    guard let directory = opendir("\(path)/\(folder.rawValue)") else { return [] }
    defer { closedir(directory) }
    var names: Set<String> = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.insert(name) }
    }
    return names
  }

  func put(_ name: String, in folder: Folder, _ facts: [(String, String)]) {
    write(facts, to: "\(folder.rawValue)/\(name)")
  }

  func remove(_ name: String, from folder: Folder) { unlink("\(path)/\(folder.rawValue)/\(name)") }

  func setNetworkSilent(_ facts: [(String, String)]?) {
    if let facts { write(facts, to: "network-silent") } else { unlink("\(path)/network-silent") }
  }

  /// Written beside the watched folders, so that a watcher of a folder never sees a name that is no address.
  private func write(_ facts: [(String, String)], to name: String) {
    let temporary = path + "/.new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    fchmod(descriptor, 0o644)
    let text = facts.map { "\($0)=\($1)\n" }.joined()
    let failure = Console.write(Array(text.utf8), to: descriptor)
    close(descriptor)
    if failure == 0 { rename(temporary, "\(path)/\(name)") } else { unlink(temporary) }
  }
}
