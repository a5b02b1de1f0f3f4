// SPDX-License-Identifier: Apache-2.0

/// What holds in a world of daemons.
package enum Invariant: String {
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
