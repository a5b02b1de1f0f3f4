// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Platform

private let start = Array("ATU 2026-11-30 00:00:00 ".utf8)
private let capacity = 3

/// Each line of the input is the words of a heartbeat, after a byte that says when it comes and what it
/// proves. Whatever they say, hosts and readings are bounded, and what is told adds up to what is known.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var facts = Facts(capacity: capacity, at: 0)
  var told: [HostName: [Reading.ID: ReadingChange.Told]] = [:]
  var now: Int64 = 0
  let address = IPAddress.unspecified(.ipv4)
  let lines = UnsafeBufferPointer(start: bytes, count: count).split(separator: 10, maxSplits: 100)
  for line in lines {
    guard let head = line.first else { continue }
    now += Int64(head >> 2) * 100_000_000
    let proof = [nil, Proof.ok, Proof.bad, Proof.none][Int(head & 3)]
    (start + line.dropFirst()).withUnsafeBytes { payload in
      guard let outline = Heartbeat.read(payload) else { return }
      precondition(outline.readings.upperBound <= payload.count)
      facts.hear(
        payload, outline, from: address, proof: proof, arrival: now,
        interval: outline.said.flatMap { $0.every > 0 ? $0.every : nil })
    }
    for host in facts.takeChanges(at: now, limit: .max) {
      for change in host.changes {
        precondition(told[host.host]?[change.id] == change.before)
        told[host.host, default: [:]][change.id] = change.isGone ? nil : change.now
      }
    }
    precondition(facts.hostCount <= capacity)
    for host in facts.names {
      let reports = facts.reports(of: host, at: now)
      precondition(reports.count <= ReadingWords.most)
      for report in reports {
        let last = told[host]?[report.id]
        precondition(last?.value == report.value && last?.quality == report.quality)
      }
    }
  }
  return 0
}
