// SPDX-License-Identifier: Apache-2.0

/// The zone in which a heartbeat's wall-clock reading is written and read; the wire does not say.
package enum TimestampZone: Sendable {
  /// The machine's zone (`TZ`, else `/etc/localtime`), as the Python peers use.
  case local
  /// Coordinated Universal Time.
  case utc
}
