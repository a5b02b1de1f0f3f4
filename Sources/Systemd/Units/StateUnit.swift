// SPDX-License-Identifier: Apache-2.0

/// The target of a state of a rule: `mcastd-state@NAME.target`, or `mcastd-state@INSTANCE-NAME.target` where
/// the daemon is `mcastd@INSTANCE.service`. The only units that mcastd starts or stops.
package struct StateUnit: Hashable, Sendable, CustomStringConvertible {
  /// Why a state has no target.
  package enum Unusable: Error, Hashable, Sendable {
    /// The instance of the daemon has other characters than a state may have.
    case instance(String)
    /// The state is empty or has other characters.
    case state(String)
    /// The unit's name would have so many bytes.
    case tooLong(Int)
  }

  /// Bytes of a unit's name, at most (UNIT_NAME_MAX less its NUL).
  private static let longest = 255

  /// `mcastd-state@fans-off.target`
  package let name: String
  package var description: String { name }

  /// Nothing is escaped: what the polkit rule does not allow has no target, nor would an operator find one by
  /// the name of its state.
  ///
  /// - Parameters:
  ///   - state: `[a-z0-9-]+`.
  ///   - instance: NAME of `mcastd@NAME.service`, `[a-z0-9-]+` too; nil for `mcastd.service`.
  /// - Throws: `Unusable`.
  package init(state: String, instance: String?) throws(Unusable) {
    guard Self.isUsable(state) else { throw .state(state) }
    if let instance, !Self.isUsable(instance) { throw .instance(instance) }
    name = "mcastd-state@" + (instance.map { "\($0)-" } ?? "") + "\(state).target"
    guard name.utf8.count <= Self.longest else { throw .tooLong(name.utf8.count) }
  }

  /// Whether it is `[a-z0-9-]+`.
  private static func isUsable(_ name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.allSatisfy { "a"..."z" ~= $0 || "0"..."9" ~= $0 || $0 == "-" }
  }
}
