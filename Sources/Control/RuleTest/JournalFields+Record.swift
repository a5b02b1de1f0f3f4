// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import Rules

extension JournalFields {
  /// What an entry is to a replay.
  package enum Finding {
    case heartbeat(JournalReplay.Record)
    /// It has no heartbeat.
    case other
    /// It has one, and not all that has to be known of it.
    case incomplete
  }

  /// What the entry is.
  package var finding: Finding {
    guard text(.kind) == "heartbeat" || (text(.kind) == nil && self[.payload] != nil) else { return .other }
    guard let payload = self[.payload], let microseconds = text(.received).flatMap({ Int64($0) }),
      let address = text(.source).flatMap({ IPAddress($0) }),
      let interface = text(.interface)
    else { return .incomplete }
    let recorder = [Name.hostName, .unit, .group, .port].map { text($0) ?? "" }.joined(separator: " ")
    return .heartbeat(
      JournalReplay.Record(
        payload: payload, received: Int64(microseconds: microseconds),
        source: Endpoint(address, port: text(.sourcePort).flatMap { UInt16($0) } ?? 0),
        interface: interface, proof: text(.auth).flatMap { Proof(rawValue: $0) }, recorder: recorder))
  }
}
