// SPDX-License-Identifier: Apache-2.0

extension Duration {
  /// Whole nanoseconds; a duration beyond ±292 years is a programming error and traps.
  package var nanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}
