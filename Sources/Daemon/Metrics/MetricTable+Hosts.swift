// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Metrics
import Platform

/// Metrics of one host: as a peer on an interface, and what it says.
extension MetricTable.Host {
  /// A peer.
  ///
  /// - Parameters:
  ///   - interface: Its name.
  ///   - isExpected: Whether the configuration names it.
  init(_ report: PeerReport<PeerID>, interface: String, isExpected: Bool) {
    let subject = report.id.subject
    self.init("\(subject)", isTrusted: isExpected || report.proof?.isAuthentic == true)
    add(report.state, of: subject, interface)
    let labels = Self.labels(of: subject, interface)
    add(.peerLastHeard, labels, Double(Clocks.epochMicroseconds(ofMonotonic: report.lastHeard)) / 1e6)
    add(.peerMissedBeats, labels, Double(report.missed))
    add(.peerClockOffset, labels, Double(report.offset) / 1e6)
  }

  /// An expected peer that was never heard.
  init(expected subject: PeerSubject, _ state: PeerState) {
    self.init("\(subject)", isTrusted: true)
    add(state, of: subject, "")
  }

  private mutating func add(_ state: PeerState, of subject: PeerSubject, _ interface: String) {
    let isUp: Double? =
      switch state {
      case .alive, .late: 1
      case .silent, .left: 0
      case .unknown: nil
      }
    add(.peerUp, Self.labels(of: subject, interface), isUp)
    add(.peerState, Self.labels(of: subject, interface, state: state.rawValue), 1)
  }

  private static func labels(
    of subject: PeerSubject, _ interface: String, state: String = ""
  ) -> MetricLabels {
    MetricLabels([
      "host": subject.name.map { "\($0)" } ?? "", "address": subject.address.map { "\($0)" } ?? "",
      "interface": interface, "state": state,
    ])
  }

  /// Words of a reading that are shown; of one with more it is only shown whether it is known.
  private static let mostWords = 8

  /// What a host says. Values for practice are not shown, and of what is not known no value. Words are shown
  /// of trusted hosts only: anybody else could have Prometheus keep series without end.
  init(_ readings: [ReadingReport], of host: HostName, isExpected: Bool) {
    self.init(
      "\(host)",
      isTrusted: isExpected
        || readings.contains { $0.address == nil || $0.proof?.isAuthentic == true })
    for reading in readings where reading.quality != .drill { add(reading) }
  }

  private mutating func add(_ reading: ReadingReport) {
    let (host, key) = ("\(reading.host)", reading.id.key.text)
    let labels = MetricLabels(["host": host, "key": key])
    add(.readingKnown, labels, reading.quality == .good ? 1 : 0)
    guard reading.quality == .good else { return }
    switch reading.value.kind {
    case .unknown: break
    case .number(let unit):
      if let (metric, divisor) = Metric.reading(unit: unit), let number = reading.value.number {
        add(metric, labels, number / divisor)
      }
    case .words:
      let words = reading.value.text.split(separator: " ").uniqued()
      guard isTrusted, words.count <= Self.mostWords else { return }
      for word in words {
        add(.readingState, MetricLabels(["host": host, "key": key, "state": String(word)]), 1)
      }
    }
  }
}
