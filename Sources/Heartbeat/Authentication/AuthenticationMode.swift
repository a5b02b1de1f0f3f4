// SPDX-License-Identifier: Apache-2.0

/// What is done with the keys of a group (`auth.mode`).
package enum AuthenticationMode: String, CaseIterable, Sendable {
  /// Nothing.
  case off
  /// Our own heartbeats are sealed, and those of others are marked by what they prove.
  case sign
  /// The same, and what is not authentic counts for nothing.
  case require
}
