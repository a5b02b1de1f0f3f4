// SPDX-License-Identifier: Apache-2.0

import Glibc

/// All hosts on lo, where there can be no network namespaces. Who is cut off is a process that is stopped.
struct LoopbackNetwork: DemoNetwork {
  let interface = "lo"
  let showsCutOff = false
  let description =
    "Five hosts as five processes on lo; one that is stopped stands for a cable that is pulled. Nothing "
    + "leaves this machine."

  func on(_ host: DemoHost, _ body: () throws(DemoFailure) -> Void) throws(DemoFailure) { try body() }

  func set(_ host: DemoHost, isConnected: Bool) throws(DemoFailure) {
    host.send(isConnected ? SIGCONT : SIGSTOP)
  }

  /// The first one is left, to say what it sees.
  func set(_ hosts: [DemoHost], areConnected: Bool) throws(DemoFailure) {
    for host in hosts.dropFirst() { try set(host, isConnected: areConnected) }
  }
}
