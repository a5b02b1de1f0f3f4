// SPDX-License-Identifier: Apache-2.0

extension Key {
  /// What settings are about, as mcastd.conf(5) and the help of commands group them. The sections of a
  /// configuration file are another matter: they are the part of a key before its dot.
  package enum Subject: String, CaseIterable, Sendable {
    case groupAndInterface = "group and interface"
    case heartbeats
    case authentication
    case readings
    case rules
    case log
    case peers
    case metrics
  }

  package var subject: Subject {
    switch self {
    case .group, .port, .interface, .source, .publishGroup, .publishPort, .publishInterface, .subscribeGroup,
      .subscribePort, .subscribeInterface, .receiveBuffer:
      .groupAndInterface
    case .name, .publishEnabled, .publishGoodbye, .subscribeEnabled, .interval, .ttl, .loopback, .timestamp:
      .heartbeats
    case .authMode, .authKeys: .authentication
    case .readingsDirectory, .readingsExpire: .readings
    case .rulesDirectory: .rules
    case .logRate, .logBurst, .logOwn, .logHeartbeats, .logQueue, .logLevel: .log
    case .peersMax, .peersExpected, .peersFalseAlarms: .peers
    case .metricsInterval: .metrics
    }
  }
}
