// SPDX-License-Identifier: Apache-2.0

import CommandLineTool
import Control
import Settings

extension ControlOptions {
  /// The sources of the selected daemon, or its file if it does not run. Settings of this process replace
  /// both.
  func sources(_ own: SettingsSources, for purpose: DaemonSettings.Purpose) -> SettingsSources {
    var fallback = own
    fallback.configFile = instance.map { "/etc/mcastd/\($0).conf" }
    return DaemonSettings.sources(own: own, path: path, fallback: fallback, purpose: purpose)
  }
}
