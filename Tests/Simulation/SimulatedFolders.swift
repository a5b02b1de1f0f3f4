// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Platform

/// The files of peers of a host, in memory. They outlive the process.
final class SimulatedFolders: PeerFolders {
  /// In which folder each name is.
  private(set) var places: [String: PeerDirectory.Folder] = [:]
  private(set) var isNetworkSilent = false
  /// Whether nothing can be written, as on a full disk. What is there can be moved and removed.
  var isFull = false

  func names(in folder: PeerDirectory.Folder) -> Set<String> {
    Set(places.filter { $0.value == folder }.keys)
  }

  func place(
    _ name: String, in folder: PeerDirectory.Folder?, _ facts: [(String, String)]
  ) throws(FileFailure) {
    guard let folder else {
      places[name] = nil
      return
    }
    // As `PeerDirectory`: an existing file is moved, which needs no space.
    if !isFull || places[name] != nil { places[name] = folder }
    if isFull { throw FileFailure(call: "write", path: name, errno: ENOSPC) }
  }

  func isPlaced(_ name: String, in folder: PeerDirectory.Folder?) -> Bool { places[name] == folder }

  func setNetworkSilent(_ facts: [(String, String)]?) throws(FileFailure) {
    if isFull, facts != nil { throw FileFailure(call: "write", path: "network-silent", errno: ENOSPC) }
    isNetworkSilent = facts != nil
  }

  /// A hand, or a broken disk, takes files away.
  func removeAll() { places = [:] }
}
