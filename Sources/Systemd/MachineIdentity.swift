// SPDX-License-Identifier: Apache-2.0

import CSystemd

/// What tells this machine from all others, without giving its machine-id(5) away.
package enum MachineIdentity {
  /// The machine's number for mcastd-mqtt (sd_id128_get_machine_app_specific(3)), 16 bytes; nil where there
  /// is no /etc/machine-id.
  package static func bridge() -> [UInt8]? {
    // A random number, made with `systemd-id128 new`.
    let application = sd_id128_t(
      bytes: (
        0x6c, 0x1e, 0x0b, 0x9d, 0x52, 0x3f, 0x4a, 0x7e, 0x8f, 0x21, 0xd4, 0x07, 0xa9, 0x36, 0xe5, 0x58
      ))
    var identity = sd_id128_t()
    guard sd_id128_get_machine_app_specific(application, &identity) >= 0 else { return nil }
    return withUnsafeBytes(of: identity) { Array($0) }
  }
}
