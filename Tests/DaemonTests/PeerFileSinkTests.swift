// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

struct PeerFileSinkTests {
  private static let second: Int64 = 1_000_000_000
  private let id = PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), interface: 0)
  private let name = "10.0.0.1"
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  /// A peer on eth0 that beats from 1 s to 20 s, and its file.
  private func alive(in runtime: String) -> (GroupLiveness, PeerFileSink) {
    var peers = GroupLiveness(
      PeerInterfaces(capacity: 16), expected: ExpectedPeers(), realtime: 0, at: 0, isGapless: false)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    var files = PeerFileSink(directory: PeerDirectory(runtime: runtime))
    for time in 1...Int64(20) {
      peers.heard(
        HeartbeatArrival(
          arrival: time * Self.second, payload: time * 1_000_000, wallClock: time * 1_000_000, port: 5001),
        from: id)
    }
    judge(&peers, &files, at: 20)
    return (peers, files)
  }

  private func judge(_ peers: inout GroupLiveness, _ files: inout PeerFileSink, at seconds: Int64) {
    peers.begin(realtime: seconds * Self.second, now: seconds * Self.second)
    peers.emptied(at: seconds * Self.second)
    let now = seconds * Self.second
    for event in peers.judge(now: now, limit: 100).events {
      let place = peers.names.name(of: event.interface)
      files.take(.peer(.one(event, at: now, interface: place), group: group), peers)
    }
    files.take(.peer(.expected(peers.takeExpectedChanges()), group: group), peers)
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

  // MARK: Link-local addresses

  private static let local = IPAddress(family: .ipv6, high: 0xfe80_0000_0000_0000, low: 1)
  private static let never = IPAddress(family: .ipv6, high: 0xfe80_0000_0000_0000, low: 7)

  /// All files of peers, as `folder/name`.
  private func files(in runtime: String) throws -> Set<String> {
    Set(
      try PeerDirectory.Folder.allCases.flatMap { folder in
        try DirectoryNames.read("\(runtime)/peers/\(folder.rawValue)").map { "\(folder.rawValue)/\($0)" }
      })
  }

  private func hear(_ peers: inout GroupLiveness, _ id: PeerID, at seconds: ClosedRange<Int64>) {
    for time in seconds {
      peers.heard(
        HeartbeatArrival(
          arrival: time * Self.second, payload: time * 1_000_000, wallClock: time * 1_000_000, port: 5001),
        from: id)
    }
  }

  /// Interfaces 0 and 1 are eth0 and eth1; these addresses are expected.
  private func joined(expected: [IPAddress]) -> GroupLiveness {
    var peers = GroupLiveness(
      PeerInterfaces(capacity: 16),
      expected: ExpectedPeers(expected.map { .address($0) }, interval: Self.second), realtime: 0,
      at: 0, isGapless: false)
    for name in ["eth0", "eth1"] { _ = peers.number(of: name) }
    _ = peers.listen(on: [0, 1], awaited: nil, now: 0)
    return peers
  }

  @Test("a link-local IPv6 address has a file for each interface on which it was heard, with that one's name")
  func scoped() throws {
    let runtime = try TemporaryDirectory()
    var peers = joined(expected: [])
    var sink = PeerFileSink(directory: PeerDirectory(runtime: runtime.path))
    hear(&peers, PeerID(address: Self.local, interface: 1), at: 1...20)
    judge(&peers, &sink, at: 20)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth1"])
    hear(&peers, PeerID(address: Self.local, interface: 0), at: 21...60)
    judge(&peers, &sink, at: 60)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth0", "silent/fe80::1%eth1"])
    // As the next process finds them, and once a peer is removed.
    var next = PeerFileSink(directory: PeerDirectory(runtime: runtime.path))
    next.restore(peers)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth0", "silent/fe80::1%eth1"])
    let removed = peers.forget { $0.id.interface == 1 }
    next.take(.peer(.removed(removed.map { ($0, interface: "eth1") }), group: group), peers)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth0"])
  }

  @Test("a restart writes the files that are missing or in another folder, and leaves the others as they are")
  func restart() throws {
    let runtime = try TemporaryDirectory()
    let addresses = (UInt64(1)...4).map { IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + $0) }
    var peers = joined(expected: [])
    for address in addresses { hear(&peers, PeerID(address: address, interface: 0), at: 1...20) }
    func restore() {
      var sink = PeerFileSink(directory: PeerDirectory(runtime: runtime.path))
      sink.restore(peers)
    }
    restore()
    let all = try files(in: runtime.path)
    #expect(all == Set(addresses.map { "alive/\($0)" }))
    let path = "\(runtime.path)/peers"
    let kept = try contents(of: "\(path)/alive/10.0.0.1")
    let mark = try #require(fopen("\(path)/alive/10.0.0.1", "a"))
    fputs("mark\n", mark)
    fclose(mark)
    unlink("\(path)/alive/10.0.0.2")
    #expect(rename("\(path)/alive/10.0.0.3", "\(path)/silent/10.0.0.3") == 0)
    // In two folders.
    #expect(link("\(path)/alive/10.0.0.4", "\(path)/unknown/10.0.0.4") == 0)
    #expect(link("\(path)/alive/10.0.0.4", "\(path)/alive/10.0.0.5") == 0)
    restore()
    #expect(try files(in: runtime.path) == all)
    #expect(try contents(of: "\(path)/alive/10.0.0.1") == kept + "mark\n")
    #expect(try contents(of: "\(path)/alive/10.0.0.2").contains("address=10.0.0.2"))
  }

  @Test("an expected link-local address that was never heard is of no interface, and never of the first one")
  func scopedExpected() throws {
    let runtime = try TemporaryDirectory()
    var peers = joined(expected: [Self.local, Self.never])
    var sink = PeerFileSink(directory: PeerDirectory(runtime: runtime.path))
    sink.restore(peers)
    for time in Int64(1)...20 { judge(&peers, &sink, at: time) }
    #expect(try files(in: runtime.path) == ["silent/fe80::1", "silent/fe80::7"])
    hear(&peers, PeerID(address: Self.local, interface: 1), at: 21...40)
    judge(&peers, &sink, at: 40)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth1", "silent/fe80::7"])
    // Repaired under the same name, and again in the next process.
    unlink("\(runtime.path)/peers/silent/fe80::7")
    unlink("\(runtime.path)/peers/alive/fe80::1%eth1")
    for _ in 0..<30 { #expect(sink.repair(peers) == nil) }
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth1", "silent/fe80::7"])
    var next = PeerFileSink(directory: PeerDirectory(runtime: runtime.path))
    next.restore(peers)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth1", "silent/fe80::7"])
    peers.configure(
      capacity: 16, expected: [], falseAlarms: .standard, interval: Self.second, now: 41 * Self.second)
    judge(&peers, &sink, at: 41)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth1"])
  }

  @Test("a name that could not be written keeps the number of its interface, and one without holds none")
  func keptNumbers() throws {
    let runtime = try TemporaryDirectory()
    var peers = joined(expected: [Self.never])
    var sink = PeerFileSink(directory: PeerDirectory(runtime: runtime.path))
    mkdir("\(runtime.path)/peers/.new", 0o755)
    for time in Int64(1)...20 {
      hear(&peers, PeerID(address: Self.local, interface: 1), at: time...time)
      judge(&peers, &sink, at: time)
    }
    #expect(sink.interfaces == [1])
    rmdir("\(runtime.path)/peers/.new")
    _ = sink.repair(peers)
    #expect(sink.interfaces.isEmpty)
    #expect(try files(in: runtime.path) == ["alive/fe80::1%eth1", "silent/fe80::7"])
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
