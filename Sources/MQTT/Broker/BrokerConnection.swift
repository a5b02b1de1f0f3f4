// SPDX-License-Identifier: Apache-2.0

import CMosquitto
import Glibc
import Platform

/// One connection to the broker, from the first SYN to its end. A new one is a new instance of
/// libmosquitto, so that it never sends again what the one before had queued. To be used by one thread.
final class BrokerConnection {
  /// Between two packets, in seconds: one and a half of it after our death the broker publishes the will,
  /// where the connection did not end before (MQTT 5, 3.1.2.10).
  private static let keepAlive: Int32 = 10
  /// From connect(2) to CONNACK.
  private static let patience: Int64 = 15_000_000_000

  enum Event: Equatable {
    case connected
    /// - Parameter code: 0x80 and above for a refusal.
    case acknowledged(topic: String, code: UInt8)
    case message(topic: String, payload: [UInt8], isRetained: Bool)
    /// The broker does not allow a subscription.
    case refused(topic: String)
  }

  private let configuration: BridgeConfiguration
  private let instance: OpaquePointer
  private let mailbox = MosquittoMailbox()
  /// Topics of publications and subscriptions that are not acknowledged, by their packet identifiers.
  private var topics: [Int32: String] = [:]
  private let started = Clocks.monotonic()
  private var isConnected = false

  /// Starts to connect.
  ///
  /// - Throws: `BrokerFailure` for what is known at once.
  init(
    _ configuration: BridgeConfiguration, login: BrokerLogin, client: String,
    will: (topic: String, payload: String)
  ) throws(BrokerFailure) {
    self.configuration = configuration
    guard let instance = mosquitto_new(client, true, Unmanaged.passUnretained(mailbox).toOpaque()) else {
      throw .system(errno)
    }
    self.instance = instance
    MosquittoMailbox.install(in: instance)
    mosquitto_int_option(instance, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5)
    mosquitto_int_option(instance, MOSQ_OPT_TCP_NODELAY, 1)
    mosquitto_int_option(instance, MOSQ_OPT_SEND_MAXIMUM, Int32(Outbox.window))
    if login.user != nil { mosquitto_username_pw_set(instance, login.user, login.password) }
    _ = will.payload.withCString { payload in
      mosquitto_will_set_v5(instance, will.topic, Int32(strlen(payload)), payload, 1, true, nil)
    }
    if configuration.isEncrypted { try encrypt() }
    let result = mosquitto_connect_bind_async(
      instance, configuration.host, Int32(configuration.port), Self.keepAlive, nil)
    let failure = errno
    // Nothing was said on the wire yet: it is our own side of TLS.
    if result == MOSQ_ERR_TLS.rawValue { throw .certificateAuthorities(path: configuration.authorities) }
    guard result == MOSQ_ERR_SUCCESS.rawValue else { throw reason(result, failure) }
  }

  deinit { mosquitto_destroy(instance) }

  private func encrypt() throws(BrokerFailure) {
    let path = configuration.authorities
    var status = stat()
    guard stat(path, &status) == 0 else { throw .certificateAuthorities(path: path) }
    let isDirectory = status.st_mode & S_IFMT == S_IFDIR
    let result = mosquitto_tls_set(
      instance, isDirectory ? nil : path, isDirectory ? path : nil, nil, nil, nil)
    guard result == MOSQ_ERR_SUCCESS.rawValue else { throw .certificateAuthorities(path: path) }
  }

  /// Publishes, retained, with QoS 1 and an expiry; an empty payload removes.
  ///
  /// - Throws: `BrokerFailure` where the connection is over.
  func publish(_ publication: Outbox.Publication) throws(BrokerFailure) {
    var properties: OpaquePointer?
    defer { mosquitto_property_free_all(&properties) }
    if !publication.payload.isEmpty {
      mosquitto_property_add_int32(
        &properties, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue), publication.expiry)
    }
    var message: Int32 = 0
    var payload = publication.payload
    let result = payload.withUTF8 { bytes in
      mosquitto_publish_v5(
        instance, &message, publication.topic, Int32(bytes.count), bytes.baseAddress, 1, true, properties)
    }
    guard result == MOSQ_ERR_SUCCESS.rawValue else { throw reason(result, errno) }
    topics[message] = publication.topic
  }

  /// Subscribes with QoS 1, without what is retained: how old that is nobody knows.
  ///
  /// - Throws: `BrokerFailure` where the connection is over.
  func subscribe(_ topics: [String]) throws(BrokerFailure) {
    for topic in topics {
      // Retain handling 2, and retain-as-published off: what is sent as it is published has no retain flag.
      let options = Int32(MQTT_SUB_OPT_SEND_RETAIN_NEVER.rawValue)
      var message: Int32 = 0
      let result = mosquitto_subscribe_v5(instance, &message, topic, 1, options, nil)
      guard result == MOSQ_ERR_SUCCESS.rawValue else { throw reason(result, errno) }
      self.topics[message] = topic
    }
  }

  /// Says DISCONNECT, by which the will is not published.
  func disconnect() { mosquitto_disconnect_v5(instance, 0, nil) }

  /// Waits until the broker or `wake` has something, and does what is to be done on the wire.
  ///
  /// - Parameter limit: How long it waits at most.
  /// - Throws: `BrokerFailure` where the connection is over.
  func turn(wake: Int32, atMost limit: Duration) throws(BrokerFailure) -> [Event] {
    let socket = mosquitto_socket(instance)
    guard socket >= 0 else { throw .closed }
    let interest = Int16(POLLIN) | (mosquitto_want_write(instance) ? Int16(POLLOUT) : 0)
    var entries = [
      pollfd(fd: socket, events: interest, revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
    ]
    poll(&entries, 2, Int32(clamping: limit.nanoseconds / 1_000_000))
    if !isConnected, let failure = Self.pendingError(of: socket) { throw .of(failure) }
    let result = mosquitto_loop(instance, 0, 1)
    let failure = errno
    var events: [Event] = []
    for entry in mailbox.take() {
      if let event = try event(entry) { events.append(event) }
    }
    guard result == MOSQ_ERR_SUCCESS.rawValue else { throw reason(result, failure) }
    if !isConnected, Clocks.elapsed(since: started) > Self.patience { throw .noAnswer }
    return events
  }

  private func event(_ entry: MosquittoMailbox.Entry) throws(BrokerFailure) -> Event? {
    switch entry {
    case .connected(code: 0):
      isConnected = true
      return .connected
    // 1 is that of MQTT 3.1.1, whose brokers answer in their own version.
    case .connected(code: 1), .connected(code: 0x84): throw .noMQTT5
    // Those of MQTT 3.1.1 again.
    case .connected(code: 4): throw .reason(0x86)
    case .connected(code: 5): throw .reason(0x87)
    case .connected(let code): throw .reason(code)
    case .acknowledged(let message, let code):
      return topics.removeValue(forKey: message).map { .acknowledged(topic: $0, code: code) }
    case .disconnected(code: 0): return nil
    case .disconnected(let code): throw .reason(code)
    case .message(let topic, let payload, let isRetained):
      return .message(topic: topic, payload: payload, isRetained: isRetained)
    case .subscribed(let message, let isRefused):
      let topic = topics.removeValue(forKey: message)
      return isRefused ? topic.map { .refused(topic: $0) } : nil
    }
  }

  /// SO_ERROR of a connection that is being made (connect(2), EINPROGRESS); nil for none.
  private static func pendingError(of socket: Int32) -> Int32? {
    var failure: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0, failure != 0 else { return nil }
    return failure
  }

  private func reason(_ result: Int32, _ failure: Int32) -> BrokerFailure {
    if let fault = mailbox.certificateFault { return .certificate(fault) }
    let text = String(cString: mosquitto_strerror(result))
    switch mosq_err_t(rawValue: result) {
    case MOSQ_ERR_ERRNO: return .of(failure)
    case MOSQ_ERR_EAI, MOSQ_ERR_LOOKUP: return .nameNotFound(host: configuration.host)
    case MOSQ_ERR_TLS, MOSQ_ERR_TLS_HANDSHAKE: return .encryption(mailbox.error ?? text)
    case MOSQ_ERR_CONN_LOST, MOSQ_ERR_NO_CONN: return .closed
    case MOSQ_ERR_KEEPALIVE: return .noAnswer
    default: return .library(text)
    }
  }
}
