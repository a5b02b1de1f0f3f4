// SPDX-License-Identifier: Apache-2.0

/// The zone in which the time in a heartbeat is written and read; the wire does not say. The raw values are
/// the words of the setting `timestamp`.
package enum TimestampZone: String, Sendable, CaseIterable {
  /// The machine's zone (`TZ`, else `/etc/localtime`), as the Python peers use.
  case local
  /// Coordinated Universal Time.
  case utc
}
