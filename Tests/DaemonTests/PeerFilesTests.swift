// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Liveness
@testable import Platform

struct PeerFilesTests {
  private static let second: Int64 = 1_000_000_000
  private let id = PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), interface: 0)
  private let name = "10.0.0.1"

  /// A peer on eth0 that beats from 1 s to 20 s, and its file.
  private func alive(in runtime: String) -> (GroupLiveness, PeerFiles) {
    var peers = GroupLiveness(
      PeerInterfaces(capacity: 16), expected: ExpectedPeers(), realtime: 0, at: 0, isGapless: false)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    var files = PeerFiles(directory: PeerDirectory(runtime: runtime))
    for time in 1...Int64(20) {
      peers.heard(
        HeartbeatArrival(
          arrival: time * Self.second, payload: time * 1_000_000, wallClock: time * 1_000_000, port: 5001),
        from: id)
    }
    judge(&peers, &files, at: 20)
    return (peers, files)
  }

  private func judge(_ peers: inout GroupLiveness, _ files: inout PeerFiles, at seconds: Int64) {
    peers.begin(realtime: seconds * Self.second, now: seconds * Self.second)
    peers.emptied(at: seconds * Self.second)
    for event in peers.judge(now: seconds * Self.second, limit: 100).events { files.follow(event, peers) }
  }

  private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  @Test("if a file cannot be written the existing one is moved, which is reported once and repaired")
  func refused() throws {
    let runtime = try TemporaryDirectory()
    var (peers, files) = alive(in: runtime.path)
    func repair() -> FileHealth.Change? { files.repair(peers) }
    let folder = runtime.path + "/peers"
    #expect(exists("\(folder)/alive/\(name)"))
    #expect(repair() == nil)
    // As a full file system would, a directory in its place keeps the new file from being written.
    mkdir("\(folder)/.new", 0o755)
    judge(&peers, &files, at: 40)
    #expect(peers.counts.silent == 1)
    #expect(!exists("\(folder)/alive/\(name)") && exists("\(folder)/silent/\(name)"))
    let failure = FileFailure(call: "open", path: "\(folder)/.new", errno: EISDIR)
    #expect(repair() == .failing(failure))
    #expect(repair() == nil)
    rmdir("\(folder)/.new")
    #expect(repair() == .recovered)
    #expect(repair() == nil)
    #expect(try contents(of: "\(folder)/silent/\(name)").contains("state=silent\n"))
  }

  @Test("a removed or moved file is restored")
  func removed() throws {
    let runtime = try TemporaryDirectory()
    var (peers, files) = alive(in: runtime.path)
    func repair() -> FileHealth.Change? { files.repair(peers) }
    let file = "\(runtime.path)/peers/alive/\(name)"
    rename(file, "\(runtime.path)/peers/silent/\(name)")
    for _ in 0..<30 { #expect(repair() == nil) }
    #expect(exists(file) && !exists("\(runtime.path)/peers/silent/\(name)"))
    // The folders as well.
    unlink(file)
    rmdir("\(runtime.path)/peers/alive")
    for _ in 0..<30 { #expect(repair() == nil) }
    #expect(exists(file))
    judge(&peers, &files, at: 21)
  }
}

private func contents(of path: String) throws -> String {
  let descriptor = open(path, O_RDONLY)
  try #require(descriptor >= 0)
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = read(descriptor, &bytes, bytes.count)
  return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}
