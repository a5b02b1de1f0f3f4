// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import TestSupport
import Testing

@testable import Systemd

/// Where there is no bus, or one that does nothing. `SystemTests.StateTargetsTests` has a real one.
struct UnitControlTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/bus" }
  private var address: String { "unix:path=\(path)" }

  init() throws { directory = try TemporaryDirectory() }

  @Test("without a bus each call says so, at once")
  func none() async throws {
    let units = UnitControl(address: address)
    let unit = try StateUnit(state: "a", instance: nil)
    for _ in 0..<2 {
      #expect(await units.start(unit) == .refused(.unreachable(errno: ENOENT)))
      #expect(await units.stop(unit) == .refused(.unreachable(errno: ENOENT)))
    }
    await #expect(throws: UnitRefusal.unreachable(errno: ENOENT)) { try await units.state(of: unit) }
    await #expect(throws: UnitRefusal.unreachable(errno: ENOENT)) { try await units.areActive([unit]) }
  }

  @Test("a bus that does not answer costs no more than the time that is given, and is asked anew")
  func silent() async throws {
    let socket = try listen()
    let units = UnitControl(address: address)
    let unit = try StateUnit(state: "a", instance: nil)
    let limit = Duration.milliseconds(50)
    for _ in 0..<3 {
      await #expect(throws: UnitRefusal.noAnswer(within: limit)) {
        try await units.areActive([unit], within: limit)
      }
    }
    // Each of them was a connection of its own.
    for _ in 0..<3 { close(try #require(accepted(socket))) }
    #expect(accepted(socket) == nil)
    close(socket)
  }

  @Test("a bus that goes away during a call fails the call at once")
  func hangUp() async throws {
    let socket = try listen()
    let units = UnitControl(address: address)
    let unit = try StateUnit(state: "a", instance: nil)
    async let answer = units.start(unit)
    var connection: Int32?
    while connection == nil { connection = accepted(socket) }
    close(try #require(connection))
    let start = Clocks.monotonic()
    guard case .refused(let refusal) = await answer else {
      Issue.record("queued by nobody")
      return
    }
    #expect(refusal.cause == .bus && refusal != .noAnswer(within: UnitControl.usualLimit))
    #expect(Clocks.elapsed(since: start) < 3_000_000_000)
    close(socket)
  }

  private func listen() throws -> Int32 {
    let number = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    try #require(number >= 0)
    let result = try #require(UnixAddress(path: path)).withSockaddr { bind(number, $0, $1) }
    try #require(result == 0 && Glibc.listen(number, 8) == 0)
    return number
  }

  private func accepted(_ socket: Int32) -> Int32? {
    let number = accept(socket, nil, nil)
    return number >= 0 ? number : nil
  }
}
