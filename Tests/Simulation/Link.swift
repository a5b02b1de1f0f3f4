// SPDX-License-Identifier: Apache-2.0

/// Faults of the link by which datagrams reach a port.
struct Link {
  /// Bursts of loss, by Gilbert and Elliott: a chain of two states that moves with every datagram.
  struct Bursts {
    /// Chances to go bad, and to go well again.
    var toBad: Double
    var toGood: Double
    /// Chance of loss while it is bad.
    var loss: Double
    var isBad = false
  }

  /// Chance of loss, independent of all others.
  var loss = 0.0
  var bursts: Bursts?
  /// Chance of a second copy.
  var duplicates = 0.0
  /// Further delay, up to so many nanoseconds, which puts datagrams out of order.
  var jitter: Int64 = 0

  var isSound: Bool { loss == 0 && bursts == nil && duplicates == 0 && jitter == 0 }

  /// Whether the next datagram is lost.
  mutating func loses(_ random: inout Random) -> Bool {
    if loss > 0, random.chance(loss) { return true }
    guard var bursts else { return false }
    bursts.isBad = bursts.isBad ? !random.chance(bursts.toGood) : random.chance(bursts.toBad)
    self.bursts = bursts
    return bursts.isBad && random.chance(bursts.loss)
  }
}
