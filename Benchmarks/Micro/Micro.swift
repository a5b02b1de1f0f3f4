// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Glibc
import Heartbeat
import Journal
import Liveness
import Multicast
import Platform

/// What is done for every datagram, one step at a time. Each measures a thousand, and is scaled to one.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], scalingFactor: .kilo, maxDuration: .seconds(2))

  let time = CivilTime(year: 2026, month: 11, day: 22, hour: 7, minute: 25, second: 9, microsecond: 195_112)
  let plain = Array("ATU 2026-11-22 07:25:09.195112".utf8)
  let attributed = plain + Array(" host=alpha seq=12345 note=\"a \\\"b\\\" c\"".utf8)
  let datagram = Array("Sender PID 1, count: 000000000, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".utf8)
  let binary = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 128) }

  Benchmark("encode a heartbeat") { benchmark in
    guard let time else { return benchmark.error("not a time") }
    withUnsafeTemporaryAllocation(byteCount: Heartbeat.encodedSize, alignment: 8) { buffer in
      for _ in benchmark.scaledIterations { blackHole(Heartbeat.encode(time, into: buffer)) }
    }
  }

  Benchmark("parse a heartbeat") { benchmark in
    plain.withUnsafeBytes { bytes in
      for _ in benchmark.scaledIterations { blackHole(Heartbeat(bytes)) }
    }
  }

  Benchmark("parse a heartbeat with three attributes") { benchmark in
    attributed.withUnsafeBytes { bytes in
      for _ in benchmark.scaledIterations { blackHole(Heartbeat(bytes)) }
    }
  }

  Benchmark("tell that a datagram is no heartbeat") { benchmark in
    datagram.withUnsafeBytes { bytes in
      for _ in benchmark.scaledIterations { blackHole(Heartbeat.matches(bytes)) }
    }
  }

  for (name, payload) in [("printable", datagram), ("binary", binary)] {
    Benchmark("escape 64 \(name) bytes") { benchmark in
      withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
        payload.withUnsafeBytes { bytes in
          for _ in benchmark.scaledIterations { blackHole(EscapedText.write(bytes, into: buffer)) }
        }
      }
    }
  }

  for (name, payload, isHeartbeat) in [("a heartbeat", plain, true), ("64 binary bytes", binary, false)] {
    Benchmark("serialise the entry of \(name)") { benchmark in
      serialise(payload, isHeartbeat: isHeartbeat, benchmark)
    }
  }

  for (name, sources) in [("one source", 1), ("100,000 sources", 100_000)] {
    Benchmark("token bucket, spent, \(name)") { benchmark in
      // One datagram a microsecond: the bucket is empty after the first thousand.
      var limiter = LogRateLimiter(rate: 100, burst: 1000, now: 0)
      var now: Int64 = 0
      benchmark.startMeasurement()
      for iteration in benchmark.scaledIterations {
        now += 1000
        let source = IPAddress(family: .ipv4, high: 0, low: UInt64(0x0a00_0000 + iteration % sources))
        blackHole(limiter.admit(source, now: now))
      }
    }
  }
}

private func serialise(_ payload: [UInt8], isHeartbeat: Bool, _ benchmark: Benchmark) {
  let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  var entry = DatagramEntry(form: .journal, group: group)
  entry.interfaceNames = [Array("eth0".utf8)]
  payload.withUnsafeBytes { bytes in
    withUnsafeTemporaryAllocation(byteCount: bytes.count + DatagramEntry.overhead, alignment: 8) { buffer in
      benchmark.startMeasurement()
      for iteration in benchmark.scaledIterations {
        let facts = LoggedDatagram(
          payload: bytes, size: bytes.count,
          source: Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005), port: 46378), interface: 0,
          isHeartbeat: isHeartbeat, receivedNanoseconds: 1_795_332_309_195_112_000 + Int64(iteration))
        blackHole(entry.write(facts, into: buffer))
      }
    }
  }
}
