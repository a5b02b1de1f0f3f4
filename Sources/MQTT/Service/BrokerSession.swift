// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Keeps the broker in step with the bridge, on a thread of its own: connects, publishes what is to be
/// published, and connects again after 1, 2, 4 and 8 seconds, then each 8.
///
/// The loop is ours and not libmosquitto's thread, which never tries again where the first attempt failed,
/// ends without a word on a TLS failure, and queues without a bound (docs/FACTS.md).
struct BrokerSession {
  /// Between two attempts to connect.
  private static let delays: [Int64] = [1, 2, 4, 8]
  /// After a stop, for the last word to arrive.
  private static let farewell: Int64 = 1_000_000_000
  /// Publications between two looks at the wire.
  private static let slice = Outbox.window

  private let core: BridgeCore
  private let login: BrokerLogin
  private let client: String
  private let willTopic: String
  /// Why there is no connection, as it was told last; nil while there is one.
  private var told: BrokerFailure?
  private var isTold = false
  /// Reason codes of refused publications that were told of this connection (MQTT 5, 3.4.2.1).
  private var refused: Set<UInt8> = []
  private var attempt = 0

  init(core: BridgeCore, login: BrokerLogin, client: String) {
    (self.core, self.login, self.client) = (core, login, client)
    willTopic = core.look { $0.bridge.willTopic }
  }

  /// Runs until the bridge stops.
  mutating func run() {
    while !core.isStopping {
      do throws(BrokerFailure) {
        core.isAlive(.broker)
        let connection = try BrokerConnection(
          core.configuration, login: login, client: client, will: (willTopic, Bridge.offline))
        try keep(connection)
      } catch {
        core.change { $0.bridge.brokerLost() }
        note(error)
      }
      pause()
    }
  }

  private mutating func pause() {
    let delay = Self.delays[min(attempt, Self.delays.count - 1)]
    attempt += 1
    let end = Clocks.monotonic() + delay * 1_000_000_000
    while !core.isStopping, Clocks.monotonic() < end {
      core.isAlive(.broker)
      Poll.wait(
        for: POLLIN, on: [core.stop], atMost: .nanoseconds(min(end - Clocks.monotonic(), 1_000_000_000)))
    }
  }

  /// Until the connection is over, or the bridge stops.
  private mutating func keep(_ connection: BrokerConnection) throws(BrokerFailure) {
    var stopAt: Int64?
    while true {
      core.isAlive(.broker)
      let now = Clocks.monotonic()
      let (publications, isStopping) = core.look { state in
        if state.isStopping, stopAt == nil { state.bridge.stop() }
        var publications: [Outbox.Publication] = []
        while publications.count < Self.slice, let next = state.bridge.nextPublication(at: now) {
          publications.append(next)
        }
        return (publications, state.isStopping)
      }
      for publication in publications { try connection.publish(publication) }
      if isStopping {
        stopAt = stopAt ?? now + Self.farewell
        let isDone = core.look { !$0.bridge.hasNext && $0.bridge.inFlight == 0 }
        if isDone || now > stopAt ?? now {
          connection.disconnect()
          return
        }
      }
      for event in try connection.turn(wake: core.wake, atMost: isStopping ? .milliseconds(20) : .seconds(1))
      {
        try take(event, connection)
      }
    }
  }

  private mutating func take(
    _ event: BrokerConnection.Event, _ connection: BrokerConnection
  ) throws(BrokerFailure) {
    switch event {
    case .connected:
      attempt = 0
      refused = []
      try connection.subscribe(core.imports { $0.topics })
      core.change { state in
        state.bridge.brokerConnected(at: Clocks.monotonic())
        state.whyNoBroker = nil
      }
      (told, isTold) = (nil, true)
      BridgeLog.write(
        .info, "connected to \(core.configuration.broker)\(core.configuration.isEncrypted ? " by TLS" : "")")
    case .acknowledged(let topic, let code):
      core.change { $0.bridge.acknowledged(topic) }
      if code >= 0x80, refused.insert(code).inserted {
        BridgeLog.write(
          .warning,
          "the broker refuses \(topic): \(BrokerFailure.reason(code).text(tls: false)). "
            + "It is tried again as often as a value is renewed.")
      }
    case .message(let topic, let payload, let isRetained):
      core.take(topic, payload, isRetained: isRetained)
    case .refused(let topic):
      BridgeLog.write(
        .warning, "the broker does not let this user subscribe to \(topic) of [import]: see its ACL")
    }
  }

  /// Tells of a change, not of each attempt.
  private mutating func note(_ failure: BrokerFailure) {
    let text = failure.text(tls: core.configuration.isEncrypted)
    core.change { $0.whyNoBroker = text }
    guard !isTold || told != failure else { return }
    (told, isTold) = (failure, true)
    BridgeLog.write(.warning, "no connection to \(core.configuration.broker): \(text). It is tried again.")
  }
}
