// SPDX-License-Identifier: Apache-2.0

/// The one place that holds the version: `mcastd --version`, `status`, the package and the man pages read it
/// from here (`packaging/version`), and CHANGELOG.md must have it on top.
package enum Version {
  /// The version of this source tree (semver.org).
  package static let current = "0.1.0"
}
