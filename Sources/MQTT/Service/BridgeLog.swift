// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The bridge's messages: lines on standard error, with a priority (sd-daemon(3)) where journald reads
/// them.
enum BridgeLog {
  enum Priority: Int {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
  }

  private static let isJournal = getenv("JOURNAL_STREAM") != nil

  static func write(_ priority: Priority, _ text: String) {
    if isJournal {
      Console.write(error: "<\(priority.rawValue)>\(text)\n")
    } else {
      Console.write(error: "mcastd-mqtt: \(text)\n")
    }
  }
}
