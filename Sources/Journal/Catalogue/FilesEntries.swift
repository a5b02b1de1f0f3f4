// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

extension EventCatalogue {
  static func entry(of event: FilesEvent) -> EventEntry {
    switch event {
    case .failing(let failure, let files, let consequence):
      EventEntry(
        .filesFailing, .warning,
        "the files of \(files) cannot be written: \(failure). \(consequence) It is tried again each second. "
          + failure.advice, ["ERRNO": "\(failure.errno)", "MCAST_PATH": failure.path])
    case .recovered(let files):
      EventEntry(.filesRecovered, .notice, "the files of \(files) are written again")
    }
  }
}

extension Explanation {
  static let filesFailing = Explanation(
    "a616ffa855804e1396cc849c7c916bcf",
    subject: "Files of mcastd cannot be written",
    """
    A file in the runtime directory of the daemon could not be written: @MCAST_PATH@.
    The message names the kind of files, the error and the consequence. A peer's file
    that cannot be replaced is moved to the directory of its state with its old
    content, so that alive/, silent/, left/ and unknown/ are right as far as the system
    allows.

    Usually /run is full ("df -h /run", "df -i /run"). The daemon tries again each
    second, and logs an entry when it succeeds.
    """)

  static let filesRecovered = Explanation(
    "ed9387621b8a4e12a0ef23a3d73fe5b8",
    subject: "Files of mcastd are written again",
    """
    The files in the runtime directory of the daemon that could not be written are up
    to date again. Nothing needs to be done.
    """)
}
