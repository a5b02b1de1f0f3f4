// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Systemd

/// Each in a process of its own: the environment is one for all threads.
struct ServiceNotifierTests {
  @Test("every state is the message that sd_notify(3) names")
  func messages() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let receiver = try DatagramReceiver(in: directory)
      setenv("NOTIFY_SOCKET", "\(directory.path)/socket", 1)
      func next() throws -> String { String(decoding: try #require(receiver.receive()).bytes, as: UTF8.self) }

      let notifier = ServiceNotifier()
      try notifier.ready(status: "waiting for eth0")
      #expect(try next() == "READY=1\nSTATUS=waiting for eth0")
      try notifier.watchdog()
      #expect(try next() == "WATCHDOG=1")
      try notifier.stopping(status: "bye")
      #expect(try next() == "STOPPING=1\nSTATUS=bye")

      var before = timespec()
      clock_gettime(CLOCK_MONOTONIC, &before)
      try notifier.reloading(status: "again")
      let reloading = try next()
      let microseconds = try #require(
        Int(reloading.split { $0 == "=" || $0 == "\n" }.dropFirst(3).first ?? ""))
      #expect(reloading == "RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=again")
      #expect((0..<60_000_000).contains(microseconds - before.tv_sec * 1_000_000))
    }
  }

  @Test("a status cannot say anything else, and stays short enough for systemd to read")
  func status() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let receiver = try DatagramReceiver(in: directory)
      setenv("NOTIFY_SOCKET", "\(directory.path)/socket", 1)
      let notifier = ServiceNotifier()
      try notifier.status("239.1.1.1 · a\nWATCHDOG=trigger\u{1b}")
      let message = try #require(receiver.receive()).bytes
      #expect(String(decoding: message, as: UTF8.self) == "STATUS=239.1.1.1 · a\\nWATCHDOG=trigger\\x1b")
      try notifier.status(String(repeating: "…", count: 5000))
      let long = try #require(receiver.receive()).bytes
      #expect((1000...1031).contains(long.count))
      #expect(String(validating: long, as: UTF8.self)?.hasSuffix("……") == true)
    }
  }

  @Test("without NOTIFY_SOCKET nothing is done and nothing fails")
  func inactive() async {
    await #expect(processExitsWith: .success) {
      unsetenv("NOTIFY_SOCKET")
      let notifier = ServiceNotifier()
      try notifier.ready(status: "x")
      try notifier.watchdog()
      try DescriptorStore(notifier: notifier).store(0, as: DescriptorName("x"))
    }
  }

  @Test("a socket that is not there is an error with its errno")
  func failure() async {
    await #expect(processExitsWith: .success) {
      setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1)
      #expect(throws: SystemdError.call("sd_notify", object: "WATCHDOG=1", errno: ENOENT)) {
        try ServiceNotifier().watchdog()
      }
    }
  }

  @Test("the watchdog's interval is systemd's, for this process alone")
  func watchdog() async {
    await #expect(processExitsWith: .success) {
      unsetenv("WATCHDOG_USEC")
      unsetenv("WATCHDOG_PID")
      let unset = try Watchdog.interval()
      #expect(unset == nil)
      setenv("WATCHDOG_USEC", "2500000", 1)
      #expect(try Watchdog.interval() == .milliseconds(2500))
      setenv("WATCHDOG_PID", "\(getpid())", 1)
      #expect(try Watchdog.interval() == .milliseconds(2500))
      setenv("WATCHDOG_PID", "1", 1)
      #expect(try Watchdog.interval() == nil)
      setenv("WATCHDOG_PID", "\(getpid())", 1)
      setenv("WATCHDOG_USEC", "soon", 1)
      #expect(throws: SystemdError.self) { try Watchdog.interval() }
    }
  }
}
