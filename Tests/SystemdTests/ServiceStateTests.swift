// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Platform
@testable import Systemd

struct ServiceStateTests {
  @Test("STATUS= is sent when the line changes, and neither before readiness nor after the end begins")
  func status() async {
    // A process of its own: the environment is one for all threads.
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let receiver = try DatagramReceiver(in: directory)
      setenv("NOTIFY_SOCKET", "\(directory.path)/socket", 1)
      func next() throws -> String { String(decoding: try #require(receiver.receive()).bytes, as: UTF8.self) }
      var service = ServiceState(ServiceNotifier()) { _ in }
      service.show("too early")
      service.ready("one")
      #expect(try next() == "READY=1\nSTATUS=one")
      service.show("one")
      service.show("two")
      #expect(try next() == "STATUS=two")
      service.stopping()
      service.show("too late")
      service.ready("too late")
      service.extendStop(to: .seconds(10))
      service.isAlive()
      #expect(try next() == "STOPPING=1\nSTATUS=stopping")
      #expect(try next() == "EXTEND_TIMEOUT_USEC=10000000")
      #expect(try next() == "WATCHDOG=1")
      #expect(service.isReady && service.isStopping)
    }
  }

  @Test("a notification that fails is told, and nothing else comes of it")
  func failure() async {
    await #expect(processExitsWith: .success) {
      setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1)
      let failed = DispatchSemaphore(value: 0)
      var service = ServiceState(ServiceNotifier()) { _ in failed.signal() }
      service.ready("one")
      #expect(failed.wait(timeout: .now()) == .success && service.isReady)
    }
  }
}
