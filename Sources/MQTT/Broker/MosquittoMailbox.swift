// SPDX-License-Identifier: Apache-2.0

import CMosquitto
import Glibc

/// What libmosquitto's callbacks say, until the loop that called them takes it.
///
/// They are called in mosquitto_loop(3) by the thread that owns the connection. (A callback written in
/// `main` would be the main actor's and end the process with SIGILL on another thread.)
final class MosquittoMailbox {
  enum Entry: Equatable {
    /// - Parameter code: Of CONNACK, 0 for success.
    case connected(code: UInt8)
    case acknowledged(message: Int32, code: UInt8)
    /// DISCONNECT of the broker; 0 where it sent none.
    case disconnected(code: UInt8)
    case message(topic: String, payload: [UInt8], isRetained: Bool)
    case subscribed(message: Int32, isRefused: Bool)
  }

  /// Bytes of a payload that is taken.
  static let longestPayload = 4096

  private(set) var entries: [Entry] = []
  /// The last error that the library logged.
  private(set) var error: String?
  /// What OpenSSL found of the broker's certificate; nil where it is sound, or was not looked at.
  private(set) var certificateFault: String?

  func take() -> [Entry] {
    defer { entries = [] }
    return entries
  }

  /// Registers the callbacks; `userdata` of the instance is this object.
  static func install(in instance: OpaquePointer) {
    mosquitto_connect_v5_callback_set(instance) { _, own, code, _, _ in
      MosquittoMailbox.of(own)?.entries.append(.connected(code: UInt8(truncatingIfNeeded: code)))
    }
    mosquitto_disconnect_v5_callback_set(instance) { _, own, code, _ in
      // Codes below 0x80 are the library's own errors.
      MosquittoMailbox.of(own)?.entries.append(
        .disconnected(code: code >= 0x80 ? UInt8(truncatingIfNeeded: code) : 0))
    }
    mosquitto_publish_v5_callback_set(instance) { _, own, message, code, _ in
      MosquittoMailbox.of(own)?.entries.append(
        .acknowledged(message: message, code: UInt8(truncatingIfNeeded: code)))
    }
    mosquitto_subscribe_v5_callback_set(instance) { _, own, message, count, codes, _ in
      let codes = UnsafeBufferPointer(start: codes, count: codes == nil ? 0 : Int(max(0, count)))
      let isRefused = codes.contains { $0 >= 0x80 }
      MosquittoMailbox.of(own)?.entries.append(.subscribed(message: message, isRefused: isRefused))
    }
    mosquitto_message_v5_callback_set(instance) { _, own, message, _ in
      if let message { MosquittoMailbox.of(own)?.add(message.pointee) }
    }
    mosquitto_log_callback_set(instance) { instance, own, level, text in
      guard level & MOSQ_LOG_ERR != 0, let text, let mailbox = MosquittoMailbox.of(own) else { return }
      mailbox.error = String(cString: text)
      // The session is gone when the call that failed returns.
      if let fault = OpenSSLVerdict.certificate(of: mosquitto_ssl_get(instance)) {
        mailbox.certificateFault = fault
      }
    }
  }

  private func add(_ message: mosquitto_message) {
    guard let topic = message.topic else { return }
    let count = Int(message.payloadlen)
    // One byte more than is taken shows that it is too long.
    let bytes = message.payload.map {
      Array(UnsafeRawBufferPointer(start: $0, count: min(max(0, count), Self.longestPayload + 1)))
    }
    entries.append(
      .message(topic: String(cString: topic), payload: bytes ?? [], isRetained: message.retain))
  }

  private static func of(_ own: UnsafeMutableRawPointer?) -> MosquittoMailbox? {
    own.map { Unmanaged<MosquittoMailbox>.fromOpaque($0).takeUnretainedValue() }
  }
}

/// What OpenSSL, which libmosquitto brings, says of a certificate. libmosquitto has no callback for it; the
/// symbols are looked up, since nothing else of OpenSSL is needed, and where they are not there less is
/// said.
private enum OpenSSLVerdict {
  private typealias Result = @convention(c) (UnsafeMutableRawPointer) -> Int
  private typealias Text = @convention(c) (Int) -> UnsafePointer<CChar>?

  static func certificate(of session: UnsafeMutableRawPointer?) -> String? {
    guard let session, let result = dlsym(nil, "SSL_get_verify_result"),
      let text = dlsym(nil, "X509_verify_cert_error_string")
    else { return nil }
    let code = unsafeBitCast(result, to: Result.self)(session)
    guard code != 0 else { return nil }
    return unsafeBitCast(text, to: Text.self)(code).map { String(cString: $0) }
  }
}
