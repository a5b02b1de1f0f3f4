// SPDX-License-Identifier: Apache-2.0

/// What connects the hosts, and can be broken.
protocol DemoNetwork {
  /// What it is, as a sentence.
  var description: String { get }
  /// The interface of each host.
  var interface: String { get }
  /// Whether a host that is cut off still runs, and can be asked what it sees.
  var showsCutOff: Bool { get }

  /// Calls `body` where programs that it starts are on a host.
  func on(_ host: DemoHost, _ body: () throws(DemoFailure) -> Void) throws(DemoFailure)

  /// Cuts one host off, or connects it again.
  func set(_ host: DemoHost, isConnected: Bool) throws(DemoFailure)
  /// Cuts all hosts off from one another at once, or connects them again.
  func set(_ hosts: [DemoHost], areConnected: Bool) throws(DemoFailure)
}
