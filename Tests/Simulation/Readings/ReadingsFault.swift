// SPDX-License-Identifier: Apache-2.0

/// Something that goes wrong in a world of readings, for a time.
struct ReadingsFault {
  enum Kind: String, CaseIterable {
    // The network.
    case loss, bursts, duplicates, reordering, partition, deafPort, mutePort, oneWay
    // A host.
    case kill, stop, setBack, stall, portDown, clockStep, interval
    // Others who send.
    case forger, replayer, flood

    static let ofNetworkAndHosts: [Kind] = allCases.filter { !ofOthers.contains($0) }
    static let ofOthers: [Kind] = [.forger, .replayer, .flood]

    var stepsClocks: Bool { self == .setBack || self == .clockStep }
  }

  var kind: Kind
  var host: Int
  /// The port, or the network of a partition.
  var port: Int
  /// The other port of a one-way cut.
  var other = -1
  var ends: Int64
  var isOver = false
  /// Of those who send: from one datagram to the next, and what they do.
  var gap: Int64 = 0
  var manner = ForgedReadings.Manner.plausible

  /// In which a host beats for a time, in nanoseconds.
  static let intervals: [Int64] = [100_000_000, 1_000_000_000, 5_000_000_000]

  /// Further delay by reordering, and of the second copy of a duplicate, in nanoseconds. In sum less than
  /// what `SaidOrder` allows heartbeats of the run before.
  static let reordering: Int64 = 500_000_000
  static let secondCopy: Int64 = 400_000_000
  static var longestDelay: Int64 { reordering + secondCopy }
}
