// SPDX-License-Identifier: Apache-2.0

/// An invariant that did not hold in a world.
package struct Violation<Invariant: RawRepresentable<String>>: CustomStringConvertible {
  package var invariant: Invariant
  package var time: Int64
  package var host: Int
  package var text: String

  package var description: String {
    "\(invariant.rawValue): at \(Double(time) / 1e9) s, host \(host): \(text)"
  }
}
