// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file of keys as systemd hands it to the service: `LoadCredential=mcastd.keys:PATH` (systemd.exec(5),
/// CREDENTIALS).
package enum KeyCredential {
  static let name = "mcastd.keys"

  /// The path of the credential; nil where the process was given no credentials.
  static func path() -> String? {
    guard let directory = getenv("CREDENTIALS_DIRECTORY") else { return nil }
    let text = String(cString: directory)
    return text.hasPrefix("/") ? "\(text)/\(name)" : nil
  }
}
