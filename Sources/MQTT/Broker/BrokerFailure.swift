// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Why there is no connection to the broker, in words that say what to do.
enum BrokerFailure: Error, Equatable, Sendable {
  /// connect(2), or the connection later.
  case system(Int32)
  case nameNotFound(host: String)
  case certificateAuthorities(path: String)
  /// What OpenSSL says of the broker's certificate (X509_V_…).
  case certificate(String)
  /// The handshake failed otherwise.
  case encryption(String)
  /// CONNACK, or a DISCONNECT later.
  case reason(UInt8)
  /// CONNACK of a broker that does not speak MQTT 5.
  case noMQTT5
  /// Neither an answer nor a refusal in time.
  case noAnswer
  /// The broker closed the connection, or said nothing any more.
  case closed
  /// What libmosquitto says.
  case library(String)

  /// That of a system call on the connection.
  static func of(_ errno: Int32) -> BrokerFailure {
    [ECONNRESET, EPIPE].contains(errno) ? .closed : .system(errno)
  }

  /// Why, and what to do about it.
  func text(tls: Bool) -> String {
    switch self {
    case .system(ECONNREFUSED):
      "connection refused: nothing listens there; see host= and port=, and that the broker runs"
    case .system(let errno): "\(errnoText(errno)); see host= and port=, and the network"
    case .nameNotFound(let host): "the name \(Printable.line(host)) is not found; see host=, and the resolver"
    case .certificateAuthorities(let path):
      "ca=\(Printable.line(path)) cannot be used: it is not there, cannot be read, or is not PEM"
    case .certificate(let why):
      "its certificate is refused: \(Printable.line(why)); see ca=, host= and the broker's certificate"
    case .encryption(let why):
      "TLS failed: \(Printable.line(why)); see that the port speaks TLS, and host= is in its certificate"
    case .reason(0x86):
      "wrong user or password; see user= and the credential \(BrokerLogin.passwordCredential)"
    case .reason(0x87):
      "not authorised; see user=, the credential \(BrokerLogin.passwordCredential), and the broker's ACL"
    case .reason(0x8e): "another client took over its client id: a second mcastd-mqtt of this host runs"
    case .reason(let code): "the broker says \(Self.reasons[code] ?? "reason \(code)"); see the broker's log"
    case .noMQTT5: "the broker does not speak MQTT 5, which is needed for values that expire"
    case .noAnswer:
      "no answer in time; see host=, port= and tls=\(tls ? "yes" : "no"), and whether the broker hangs"
    case .closed:
      "the broker closed the connection or fell silent; see its log"
        + (tls ? "" : ", and whether its port wants TLS (tls=yes)")
    case .library(let text): Printable.line(text)
    }
  }

  /// Reason codes of CONNACK and DISCONNECT (MQTT 5, 2.4).
  private static let reasons: [UInt8: String] = [
    0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error",
    0x83: "implementation specific error", 0x85: "client identifier not valid", 0x88: "server unavailable",
    0x89: "server busy", 0x8a: "banned", 0x8b: "server shutting down", 0x8c: "bad authentication method",
    0x8d: "keep alive timeout", 0x90: "topic name invalid", 0x93: "receive maximum exceeded",
    0x95: "packet too large", 0x96: "message rate too high", 0x97: "quota exceeded",
    0x98: "administrative action", 0x9a: "retain not supported", 0x9c: "use another server",
    0x9d: "server moved", 0x9f: "connection rate exceeded",
  ]
}
