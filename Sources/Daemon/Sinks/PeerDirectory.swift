// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The folders of the files of peers: `PeerDirectory`, or a simulated one.
package protocol PeerFolders {
  /// The names in a folder.
  func names(in folder: PeerDirectory.Folder) -> Set<String>
  /// Puts a peer's file into one folder, or none, and removes it from the others.
  func place(
    _ name: String, in folder: PeerDirectory.Folder?, _ facts: [(String, String)]) throws(FileFailure)
  /// Whether a peer's file is in this folder (nil: none) and in no other.
  func isPlaced(_ name: String, in folder: PeerDirectory.Folder?) -> Bool
  /// Writes `network-silent`, or removes it where there are no facts.
  func setNetworkSilent(_ facts: [(String, String)]?) throws(FileFailure)
}

/// Peers as files, for `.path` units to react to without any privilege: `peers/alive/NAME`,
/// `silent`, `left` and `unknown`, and `peers/network-silent`, exist exactly while that is the state. A peer
/// without a name has its address. Each holds the peer's facts as `key=value` lines.
///
/// Of what came over the network only a parsed address or `HostName`, which has no slash and begins with no
/// dot, becomes part of a file name. A link-local IPv6 address
/// has `%INTERFACE` after it, as usual on Linux. Files are replaced by rename(2), never seen half written.
package struct PeerDirectory: PeerFolders {
  package enum Folder: String, CaseIterable, Sendable {
    case alive
    case silent
    case left
    case unknown
  }

  private let folders: WatchedFolders<Folder>

  /// Makes the folders.
  ///
  /// - Parameter runtime: The runtime directory; nil makes no directory.
  init?(runtime: String?) {
    guard let runtime else { return nil }
    folders = WatchedFolders(at: runtime + "/peers")
  }

  /// The names in a folder.
  package func names(in folder: Folder) -> Set<String> { folders.names(in: folder) }

  /// Puts a peer's file into one folder, or none, and removes it from the others.
  ///
  /// If the file cannot be written an existing one is moved, which needs neither space nor a descriptor: old
  /// facts in the right folder are better than a wrong state.
  ///
  /// - Throws: `FileFailure`, the last of the calls that failed.
  package func place(
    _ name: String, in folder: Folder?, _ facts: [(String, String)]
  ) throws(FileFailure) {
    var failure: FileFailure?
    func attempt(_ body: () throws(FileFailure) -> Void) {
      do throws(FileFailure) { try body() } catch { failure = error }
    }
    let others = Folder.allCases.filter { $0 != folder }
    func put() throws(FileFailure) {
      guard let folder else { return }
      do throws(FileFailure) {
        try folders.write(facts, to: folders.file(name, folder))
      } catch {
        for other in others where rename(folders.file(name, other), folders.file(name, folder)) == 0 { break }
        throw error
      }
    }
    // Between unknown and silent the file is never absent from both, which would read as alive. In `alive` it
    // is created last, after the others are removed.
    if folder != .alive { attempt(put) }
    for other in others {
      attempt { () throws(FileFailure) in try RuntimeFile.remove(folders.file(name, other)) }
    }
    if folder == .alive { attempt(put) }
    if let failure { throw failure }
  }

  /// Whether a peer's file is in this folder (nil: none) and in no other.
  package func isPlaced(_ name: String, in folder: Folder?) -> Bool { folders.isPlaced(name, in: folder) }

  /// Writes `network-silent`, or removes it.
  ///
  /// - Parameter facts: Nil where the network is not silent.
  /// - Throws: `FileFailure`.
  package func setNetworkSilent(_ facts: [(String, String)]?) throws(FileFailure) {
    let file = folders.path + "/network-silent"
    if let facts { try folders.write(facts, to: file) } else { try RuntimeFile.remove(file) }
  }
}
