// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import TestSupport
import Testing

@testable import Journal

struct JournalSocketTests {
  private let directory: TemporaryDirectory
  private var path: String { "\(directory.path)/socket" }

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func entry(_ number: Int) -> [UInt8] { Array("N=\(number)\n".utf8) }

  private func send(_ entries: [[UInt8]], by socket: JournalSocket) -> JournalSocket.Result {
    let joined = entries.flatMap { $0 }
    return joined.withUnsafeBytes { bytes in
      var offset = 0
      let vectors = entries.map { entry -> iovec in
        defer { offset += entry.count }
        let base = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + offset) }
        return iovec(iov_base: base, iov_len: entry.count)
      }
      return vectors.withUnsafeBufferPointer { socket.send($0) }
    }
  }

  @Test("a queue longer than a batch arrives whole and in order")
  func batches() throws {
    let receiver = try DatagramReceiver(in: directory)
    let socket = try JournalSocket(path: path)
    var waiting = (0..<200).map(entry)
    var arrived: [[UInt8]] = []
    while !waiting.isEmpty {
      let result = send(waiting, by: socket)
      waiting.removeFirst(result.taken)
      #expect(result.outcome == (waiting.isEmpty ? .all : .busy))
      arrived += receiver.receiveAll().map(\.bytes)
    }
    #expect(arrived == (0..<200).map(entry))
  }

  @Test("nothing to send is all sent")
  func nothing() throws {
    let socket = try JournalSocket(path: path)
    #expect(send([], by: socket) == .init(taken: 0, outcome: .all))
  }

  @Test("a receiver that does not read makes it busy, never blocks, and taken is exact")
  func busy() throws {
    let receiver = try DatagramReceiver(in: directory)
    let socket = try JournalSocket(path: path)
    let entries = (0..<2000).map(entry)
    let first = send(entries, by: socket)
    #expect(first.outcome == .busy)
    #expect((1..<2000).contains(first.taken))
    #expect(send(Array(entries[first.taken...]), by: socket) == .init(taken: 0, outcome: .busy))

    #expect(receiver.receiveAll().map(\.bytes) == Array(entries[..<first.taken]))

    let second = send(Array(entries[first.taken...]), by: socket)
    #expect(second.taken > 0)
    #expect(receiver.receiveAll().map(\.bytes) == Array(entries[first.taken...].prefix(second.taken)))
  }

  @Test("an entry beyond the socket's limit goes as sealed memory, between its neighbours")
  func memory() throws {
    let receiver = try DatagramReceiver(in: directory)
    let socket = try JournalSocket(path: path, sendBuffer: 16_384)
    let large = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
    #expect(send([entry(1), large, entry(2)], by: socket) == .init(taken: 3, outcome: .all))

    #expect(receiver.receive()?.bytes == entry(1))
    let datagram = try #require(receiver.receive())
    #expect(datagram.bytes.isEmpty)
    let descriptor = try #require(datagram.descriptor)
    defer { close(descriptor) }
    // F_GET_SEALS: journald maps a descriptor only when nobody can change it.
    #expect(fcntl(descriptor, 1034) == Int32(CLINUX_F_SEAL_ALL))
    var content = [UInt8](repeating: 0, count: large.count + 1)
    #expect(pread(descriptor, &content, content.count, 0) == large.count)
    #expect(Array(content.dropLast()) == large)
    #expect(receiver.receive()?.bytes == entry(2))
  }

  @Test("sealed memory waits its turn too: busy, and sent later")
  func memoryBusy() throws {
    let receiver = try DatagramReceiver(in: directory)
    let socket = try JournalSocket(path: path, sendBuffer: 16_384)
    while send([entry(0)], by: socket).outcome == .all {}
    let large = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
    #expect(send([large], by: socket) == .init(taken: 0, outcome: .busy))
    _ = receiver.receiveAll()
    #expect(send([large], by: socket) == .init(taken: 1, outcome: .all))
    let descriptor = try #require(receiver.receive()?.descriptor)
    close(descriptor)
  }

  @Test("65,507 bytes go in one datagram")
  func largest() throws {
    let receiver = try DatagramReceiver(in: directory)
    let socket = try JournalSocket(path: path)
    let large = [UInt8](repeating: 0x0a, count: 65_507)
    #expect(send([large], by: socket) == .init(taken: 1, outcome: .all))
    let datagram = try #require(receiver.receive())
    #expect(datagram.bytes == large)
    #expect(datagram.descriptor == nil)
  }

  @Test("without a journald it is absent, and with one there it is not")
  func absent() throws {
    let socket = try JournalSocket(path: path)
    #expect(send([entry(1)], by: socket) == .init(taken: 0, outcome: .absent(errno: ENOENT)))
    let receiver = try DatagramReceiver(in: directory)
    #expect(send([entry(1)], by: socket) == .init(taken: 1, outcome: .all))
    #expect(receiver.receive()?.bytes == entry(1))
  }

  @Test("a receiver removed and created again is found again, without an entry in between counted as taken")
  func replaced() throws {
    let socket = try JournalSocket(path: path)
    var receiver: DatagramReceiver? = try DatagramReceiver(in: directory)
    #expect(send([entry(1)], by: socket).taken == 1)
    #expect(receiver?.receive()?.bytes == entry(1))
    receiver = nil
    #expect(send([entry(2), entry(3)], by: socket) == .init(taken: 0, outcome: .absent(errno: ENOENT)))
    #expect(send([entry(2), entry(3)], by: socket) == .init(taken: 0, outcome: .absent(errno: ENOENT)))
    receiver = try DatagramReceiver(in: directory)
    #expect(send([entry(2), entry(3)], by: socket) == .init(taken: 2, outcome: .all))
    #expect(receiver?.receiveAll().map(\.bytes) == [entry(2), entry(3)])
  }

  @Test("a receiver that was replaced while nothing was sent costs no entry")
  func replacedMeanwhile() throws {
    let socket = try JournalSocket(path: path)
    var receiver: DatagramReceiver? = try DatagramReceiver(in: directory)
    #expect(send([entry(1)], by: socket).taken == 1)
    receiver = nil
    receiver = try DatagramReceiver(in: directory)
    #expect(send([entry(2)], by: socket) == .init(taken: 1, outcome: .all))
    #expect(receiver?.receiveAll().map(\.bytes) == [entry(2)])
  }

  @Test("a path whose listener has gone is absent too")
  func stale() throws {
    let stale = "\(directory.path)/other"
    var receiver: DatagramReceiver? = try DatagramReceiver(in: directory)
    try #require(receiver != nil && rename(path, stale) == 0)
    receiver = nil
    let socket = try JournalSocket(path: stale)
    #expect(send([entry(1)], by: socket) == .init(taken: 0, outcome: .absent(errno: ECONNREFUSED)))
  }

  @Test("an entry for which there is no memory is refused, and the next is sent")
  func refused() async throws {
    // RLIMIT_FSIZE and RLIMIT_NOFILE belong to the process.
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let path = "\(directory.path)/socket"
      let receiver = try DatagramReceiver(in: directory)
      let socket = try JournalSocket(path: path, sendBuffer: 16_384)
      // No descriptor is left for the memfd.
      var used: [Int32] = []
      var limit = rlimit(rlim_cur: 64, rlim_max: 64)
      try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
      while case let copy = dup(2), copy >= 0 { used.append(copy) }

      let large = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
      let outcome = large.withUnsafeBytes { socket.send($0) }
      let next = Array("N=1\n".utf8).withUnsafeBytes { socket.send($0) }

      for copy in used { close(copy) }
      #expect(outcome == .refused)
      #expect(next == .all)
      #expect(receiver.receiveAll().map(\.bytes) == [Array("N=1\n".utf8)])
    }
  }

  @Test(
    "what a failed send means",
    arguments: [
      (EAGAIN, JournalSocket.Outcome.busy), (ETOOMANYREFS, .busy), (ENOTCONN, .absent(errno: ENOTCONN)),
      (EACCES, .absent(errno: EACCES)), (EINVAL, .refused),
    ])
  func outcomes(errno: Int32, outcome: JournalSocket.Outcome) {
    #expect(JournalSocket.outcome(of: errno) == outcome)
  }

  @Test("a path that no socket address holds is said at once")
  func longPath() {
    let path = "/" + String(repeating: "p", count: 107)
    for path in [path, ""] {
      let error = #expect(throws: JournalError.pathTooLong(path)) { _ = try JournalSocket(path: path) }
      #expect(error?.description == "\(path): not a socket's path (1 to 107 bytes)")
    }
  }
}
