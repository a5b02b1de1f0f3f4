// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import Heartbeat

/// Heartbeats as the Python peers write them, from Python's own `datetime`.
struct PythonDatetime {
  /// Seconds and microseconds of CLOCK_REALTIME.
  var seconds: Int64
  var microsecond: Int
  /// `str(datetime)`: without a fraction where the microsecond is 0.
  var text: String
  /// With six fraction digits, as mcastd writes it.
  var fullText: String

  enum Failure: Error {
    case popen(errno: Int32)
    case python(status: Int32)
    case line(String)
  }

  /// Random moments, read in the machine's zone or in UTC, from one python3 process. It inherits `TZ`.
  ///
  /// Among them are microsecond 0, leap days, the ends of years and centuries, and the seconds around every
  /// change of the zone's offset in four years.
  static func samples(_ count: Int, zone: String, seed: UInt64) throws -> [PythonDatetime] {
    let script = """
      import random, time
      from datetime import datetime, timedelta
      r = random.Random(\(seed)); zone = "\(zone)"
      E = datetime(1970, 1, 1)
      first, last = (-62135596800, 253402300799) if zone == "utc" else (-2208988800, 4102444800)
      S = [r.randint(first, last) for _ in range(\(count))]
      for y in (1600, 1900, 1970, 1999, 2000, 2024, 2026, 2038, 2100):
          for m, d in ((1, 1), (2, 28), (3, 1), (12, 31)):
              t = (datetime(y, m, d) - E).days * 86400
              S += [x for x in (t - 1, t, t + 1, t + 86399, t + 86400) if first <= x <= last]
      if zone == "local":
          off = lambda t: time.localtime(t).tm_gmtoff
          t = 1704067200
          for hour in range(t, t + 4 * 366 * 86400, 3600):
              if off(hour) != off(hour + 3600):
                  low, high = hour, hour + 3600
                  while high - low > 1:
                      mid = (low + high) // 2
                      low, high = (mid, high) if off(mid) == off(low) else (low, mid)
                  S += [high + d for d in (-3601, -3600, -2, -1, 0, 1, 1799, 1800, 3599, 3600, 7200)]
      for s in S:
          us = r.choice((0, 0, 1, 999999, r.randrange(1000000), r.randrange(1000000)))
          d = E + timedelta(seconds=s) if zone == "utc" else datetime.fromtimestamp(s)
          d = d.replace(microsecond=us)
          print(s, us, d, d.isoformat(" ", "microseconds"), sep="|")
      """
    // The script has no single quote, so that the shell passes it on as it stands.
    guard let pipe = popen("python3 -c '\(script)'", "r") else { throw Failure.popen(errno: errno) }
    var lines: [String] = []
    var buffer = [CChar](repeating: 0, count: 256)
    while fgets(&buffer, Int32(buffer.count), pipe) != nil {
      lines.append(
        String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    let status = pclose(pipe)
    guard status == 0 else { throw Failure.python(status: status) }
    return try lines.map { line in
      let parts = line.split(separator: "|").map(String.init)
      guard parts.count == 4, let seconds = Int64(parts[0]), let microsecond = Int(parts[1]) else {
        throw Failure.line(line)
      }
      return PythonDatetime(
        seconds: seconds, microsecond: microsecond, text: parts[2], fullText: parts[3])
    }
  }
}
