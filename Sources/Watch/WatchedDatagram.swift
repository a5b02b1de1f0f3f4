// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Heartbeat
import Multicast
import Platform

/// A received datagram as `watch` shows it. `watch --json` prints these property names.
struct WatchedDatagram: Encodable {
  var receivedUsec: Int64
  var source: String
  var sourcePort: Int
  var group: String
  var port: Int
  var interface: String
  /// Bytes as sent.
  var size: Int
  /// `heartbeat` or `datagram`.
  var kind: String
  /// What a heartbeat proves, a raw value of `Proof`; absent where nothing is proved.
  var auth: String?
  /// What a heartbeat says, by the keys of its words (`test.KEY` of a drill); absent where it says nothing.
  var readings: [String: String]?
  /// The payload if it is printable UTF-8; otherwise it is in `payloadBase64`.
  var payload: String?
  var payloadBase64: String?

  init(_ datagram: borrowing ReceivedDatagram, _ proof: Proof? = nil, group: Endpoint, interface: String) {
    receivedUsec = datagram.receivedNanoseconds / 1000
    source = "\(datagram.source.address)"
    sourcePort = Int(datagram.source.port)
    self.group = "\(group.address)"
    port = Int(group.port)
    self.interface = interface
    size = datagram.size
    let heartbeat = Heartbeat(datagram.payload)
    kind = heartbeat == nil ? "datagram" : "heartbeat"
    if let said = heartbeat?.readings, !said.isEmpty {
      // Of a word that is repeated the first counts, as everywhere.
      readings = Dictionary(said.map { ($0.id.word, $0.value.text) }) { first, _ in first }
    }
    auth = proof?.rawValue
    if let text = Self.printable(datagram.payload) {
      payload = text
    } else {
      payloadBase64 = Data(datagram.payload).base64EncodedString()
    }
  }

  /// The text if it needs no escapes.
  private static func printable(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard let text = String(validating: bytes, as: UTF8.self), PlainText.oneLine(text) == text else {
      return nil
    }
    return text
  }

  /// One line of JSON, with its newline.
  func json() -> ConsoleText {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    // Strings and integers always encode.
    let data = (try? encoder.encode(self)) ?? Data()
    return "\(ConsoleText(json: String(decoding: data, as: UTF8.self)))\n"
  }

  /// `2026-11-22 07:25:09.195112 10.0.0.5:46378 on eth0, 30 bytes: ATU 2026-11-22 07:25:09.195112`
  static func line(_ datagram: borrowing ReceivedDatagram, _ proof: Proof? = nil, interface: String)
    -> ConsoleText
  {
    let time = CivilTime(realtime: datagram.receivedNanoseconds, zone: .local)
    let payload = EscapedText.string(datagram.payload)
    let auth = proof.map { ", auth \($0.rawValue)" } ?? ""
    return
      "\(time) \(datagram.source) on \(interface), \(datagram.size) bytes\(auth): \(payload)\n"
  }
}
