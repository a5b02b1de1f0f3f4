// SPDX-License-Identifier: Apache-2.0

/// What the program is called where a name is asked for.
package enum Program {
  /// SYSLOG_IDENTIFIER of every entry.
  package static let identifier = "mcastd"
  /// Where to read about it, as systemd's Documentation= writes it.
  package static let documentation = "man:mcastd(8)"
}
