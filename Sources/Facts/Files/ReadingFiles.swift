// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// What the files in a directory of readings say at the moment.
package struct ReadingFiles: Equatable, Sendable {
  /// Of each file that is named by a key; `unknown` where it has a fault. Those that were not read yet are
  /// not there.
  package var values: [ReadingKey: ReadingValue]
  /// What is wrong, sorted. The same fault stays the same value as long as it lasts.
  package var faults: [ReadingFileFault]

  package init(values: [ReadingKey: ReadingValue] = [:], faults: [ReadingFileFault] = []) {
    self.values = values
    self.faults = faults
  }
}
