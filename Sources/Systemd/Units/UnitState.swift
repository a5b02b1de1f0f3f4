// SPDX-License-Identifier: Apache-2.0

/// What systemd says of a unit (org.freedesktop.systemd1(5)).
package struct UnitState: Equatable, Sendable {
  /// `loaded`, `masked`, `not-found`, …
  package var loadState: String
  /// `active`, `inactive`, `failed`, …
  package var activeState: String
  /// Units that are started with it, by Wants=, Requires= or Upholds= of it: of a target, those that an
  /// operator enabled for it. Sorted.
  package var wanted: [String]

  package init(loadState: String, activeState: String, wanted: [String]) {
    (self.loadState, self.activeState, self.wanted) = (loadState, activeState, wanted)
  }

  /// Whether it is there, or about to be.
  package var isActive: Bool { Self.isActive(activeState) }

  static func isActive(_ activeState: String) -> Bool {
    ["active", "activating", "reloading", "refreshing"].contains(activeState)
  }
}
