// SPDX-License-Identifier: Apache-2.0

/// The clocks of a host, made of simulated time: CLOCK_MONOTONIC runs a little fast or slow, and
/// CLOCK_REALTIME with it, which may be stepped. All in nanoseconds.
struct HostClock {
  /// CLOCK_REALTIME of a host that is right, at simulated time 0: 2027-01-15.
  static let epoch: Int64 = 1_800_000_000_000_000_000

  /// CLOCK_MONOTONIC at simulated time 0.
  let boot: Int64
  /// Parts per million by which it is fast.
  let drift: Int64
  /// How far CLOCK_REALTIME is ahead of where it began.
  var step: Int64 = 0

  func monotonic(_ time: Int64) -> Int64 {
    let (whole, rest) = time.quotientAndRemainder(dividingBy: 1_000_000)
    return boot + time + whole * drift + rest * drift / 1_000_000
  }

  func realtime(_ time: Int64) -> Int64 { Self.epoch + monotonic(time) - boot + step }

  /// The first simulated time at which CLOCK_MONOTONIC reads no less than this.
  func time(ofMonotonic reading: Int64) -> Int64 {
    let (whole, rest) = (reading - boot).quotientAndRemainder(dividingBy: 1_000_000 + drift)
    var time = whole * 1_000_000 + rest * 1_000_000 / (1_000_000 + drift)
    while monotonic(time) < reading { time += 1 }
    return time
  }
}
