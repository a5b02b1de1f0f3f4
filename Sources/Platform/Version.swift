// SPDX-License-Identifier: Apache-2.0

/// The one place that holds the version: `mcastd --version`, `status`, the package and the man pages read it
/// from here (`packaging/version`), and CHANGELOG.md must have it on top.
package enum Version {
  /// The version of this source tree (semver.org).
  package static let current = "0.2.0"
}

/// The program's names for others.
package enum Program {
  /// SYSLOG_IDENTIFIER of every entry.
  package static let identifier = "mcastd"
  /// Where to read about it, as systemd's Documentation= writes it.
  package static let documentation = "man:mcastd(8)"
}
