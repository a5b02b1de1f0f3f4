// SPDX-License-Identifier: Apache-2.0

/// An invariant that did not hold.
package struct Violation: CustomStringConvertible {
  package enum Invariant: String, CaseIterable {
    case ledger = "the ledger adds up to what the kernel gave"
    case cause = "no verdict without a cause"
    case network = "while the network is silent nobody is accused"
    case order = "events of a peer follow one another"
    case takenBack = "a verdict is taken back within two beats"
    case missed = "a peer that is gone does not stay alive"
    case own = "our own heartbeats are no peer's"
    case schedule = "beats are late or left out, and never sent in a burst"
    case memory = "memory is bounded"
    case files = "files agree with the table"
  }

  package var invariant: Invariant
  package var time: Int64
  package var host: Int
  package var text: String

  package var description: String {
    "\(invariant.rawValue): at \(Double(time) / 1e9) s, host \(host): \(text)"
  }
}
