// SPDX-License-Identifier: Apache-2.0

import CSystemd

/// The watchdog of WatchdogSec=; sd_watchdog_enabled(3).
package enum Watchdog {
  /// The longest time between two WATCHDOG=1; nil when the watchdog is off for this process (WATCHDOG_USEC
  /// unset, or WATCHDOG_PID another's).
  ///
  /// - Throws: `SystemdError.call` when the variables cannot be parsed.
  package static func interval() throws(SystemdError) -> Duration? {
    var microseconds: UInt64 = 0
    // The environment stays as it is: unsetenv(3) would race with every getenv of another thread.
    let result = sd_watchdog_enabled(0, &microseconds)
    guard result >= 0 else {
      throw .call("sd_watchdog_enabled", object: "WATCHDOG_USEC", errno: -result)
    }
    return result > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
  }
}
