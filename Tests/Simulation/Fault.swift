// SPDX-License-Identifier: Apache-2.0

/// Something that goes wrong, for a time.
struct Fault {
  enum Kind: String, CaseIterable {
    // The network.
    case loss, bursts, duplicates, reordering, partition, deafPort, mutePort, oneWay, outage
    // A host.
    case kill, stop, stall, interfaceDown, carrierLost, interfaceReplaced, loopCut, kernelDrops, clockStep
    case interval
    // What a process writes to.
    case fullDisk, filesRemoved, stalledJournal
    // Others who send.
    case noise, flood, replay, spoof
  }

  var kind: Kind
  /// The host, or -1.
  var host: Int = -1
  /// The port, or the network of a partition and an outage; -1 for none.
  var port: Int = -1
  /// The other port of a one-way cut, or what else there is to know.
  var other: Int = -1
  var ends: Int64
  /// Of forgeries: from one to the next.
  var gap: Int64 = 0
  /// How a process begins again.
  var start = Start(keepsSocket: true, keepsFiles: true)

  var text: String {
    "\(kind) host \(host) port \(port) other \(other) until \(Double(ends) / 1e9) s"
  }
}
