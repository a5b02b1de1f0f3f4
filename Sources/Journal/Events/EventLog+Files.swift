// SPDX-License-Identifier: Apache-2.0

import Platform

extension EventLog {
  /// - Parameters:
  ///   - files: what they are, worded to follow "the files of".
  ///   - consequence: what their being out of date means, one sentence.
  package func report(_ change: FileHealth.Change?, files: String, consequence: String) {
    switch change {
    case .failing(let failure):
      report(
        .filesFailing, .warning,
        "the files of \(files) cannot be written: \(failure). \(consequence) It is tried again each second. "
          + failure.advice,
        ["ERRNO": "\(failure.errno)", "MCAST_PATH": failure.path])
    case .recovered:
      report(.filesRecovered, .notice, "the files of \(files) are written again")
    case nil: break
    }
  }
}
