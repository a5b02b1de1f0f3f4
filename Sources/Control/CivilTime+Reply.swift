// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Times of replies, as people are shown them: by the clock of this host.
extension CivilTime {
  /// - Parameter epochMicroseconds: of a reply, whose numbers may be any; clamped to 292 years.
  init(epochMicroseconds: Int64) {
    self.init(realtime: Int64(microseconds: epochMicroseconds), zone: .local)
  }

  /// `2026-12-01 09:18:59`.
  ///
  /// - Parameter epochMicroseconds: as above.
  static func toSecond(_ epochMicroseconds: Int64) -> String {
    String("\(CivilTime(epochMicroseconds: epochMicroseconds))".prefix { $0 != "." })
  }
}
