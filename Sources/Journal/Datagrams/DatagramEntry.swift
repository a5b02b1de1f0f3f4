// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Platform

/// A received datagram, as it is recorded. Plain values: passing it on allocates and counts nothing.
package struct LoggedDatagram {
  package var payload: UnsafeRawBufferPointer
  /// Bytes as sent; more than `payload` has where it was truncated.
  package var size: Int
  package var source: Endpoint
  /// The interface it arrived on, by its number in `InterfaceNames`.
  package var interface: Int32
  package var isHeartbeat: Bool
  /// What its sender says of itself; nil where it says nothing.
  package var said: Announcement?
  /// What it proves; nil where nothing has to be proved, or it is no heartbeat.
  package var proof: Proof?
  /// Nanoseconds of CLOCK_REALTIME since the epoch.
  package var receivedNanoseconds: Int64

  package init(
    payload: UnsafeRawBufferPointer, size: Int, source: Endpoint, interface: Int32, isHeartbeat: Bool,
    said: Announcement? = nil, proof: Proof? = nil, receivedNanoseconds: Int64
  ) {
    self.payload = payload
    self.size = size
    self.source = source
    self.interface = interface
    self.isHeartbeat = isHeartbeat
    self.said = said
    self.proof = proof
    self.receivedNanoseconds = receivedNanoseconds
  }
}

/// Serialises received datagrams, each into a journal entry or a line of text.
package struct DatagramEntry: Sendable {
  package enum Form: Sendable {
    /// journald's native protocol.
    case journal
    /// The message and a line break.
    case line
  }

  private let form: Form
  /// The fields that are the same for every datagram of this group, serialised.
  private let preamble: [UInt8]
  /// The names of interfaces, by number.
  package var interfaceNames: [[UInt8]] = [] {
    didSet {
      shownNames = interfaceNames.map { Array(PlainText.oneLine(String(decoding: $0, as: UTF8.self)).utf8) }
    }
  }
  /// Made printable, for MESSAGE and terminals: the kernel forbids only slash and white space in names.
  private var shownNames: [[UInt8]] = []

  /// An upper bound of what an entry takes beyond its payload, in bytes: MESSAGE with the escaped payload,
  /// and all other fields.
  package static let overhead = 2048

  package init(form: Form, group: Endpoint) {
    self.form = form
    let fields =
      [
        ("PRIORITY", "\(JournalPriority.info.rawValue)"), ("SYSLOG_IDENTIFIER", Program.identifier),
        ("MESSAGE_ID", MessageKind.received.messageID),
      ] + group.fields.sorted { $0.key < $1.key }
    preamble = JournalEntryBuilder.prepared(
      fields.compactMap { name, value in JournalFieldName(name).map { ($0, value) } })
  }

  /// - Parameter buffer: at least `overhead` bytes more than the payload.
  /// - Returns: the bytes written.
  package func write(_ facts: borrowing LoggedDatagram, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var builder = JournalEntryBuilder(into: buffer)
    switch form {
    case .line:
      appendMessage(facts, to: &builder)
      builder.appendText("\n")
    case .journal:
      builder.append(prepared: preamble)
      builder.beginField("MESSAGE")
      appendMessage(facts, to: &builder)
      builder.endField()
      builder.beginField("MCAST_KIND")
      builder.appendText(facts.isHeartbeat ? "heartbeat" as StaticString : "datagram")
      builder.endField()
      builder.beginField("MCAST_INTERFACE")
      append(facts.interface, of: interfaceNames, to: &builder)
      builder.endField()
      builder.beginField("MCAST_SOURCE")
      append(facts.source.address, to: &builder)
      builder.endField()
      if let host = facts.said?.host {
        builder.beginField("MCAST_HOST")
        host.withUTF8 { builder.appendBytes($0) }
        builder.endField()
      }
      if let sequence = facts.said?.sequence, sequence > 0 {
        builder.append("MCAST_SEQ", integer: sequence)
      }
      if let proof = facts.proof {
        builder.beginField("MCAST_AUTH")
        builder.appendText(proof.text)
        builder.endField()
      }
      builder.append("MCAST_SOURCE_PORT", integer: UInt64(facts.source.port))
      builder.append("MCAST_SIZE", integer: UInt64(facts.size))
      builder.append("MCAST_RECEIVED_USEC", integer: facts.receivedNanoseconds / 1000)
      builder.append("MCAST_PAYLOAD", facts.payload)
    }
    // A truncated entry must not be sent as a whole one.
    precondition(!builder.overflowed, "DatagramEntry.overhead is too small")
    return builder.count
  }

  /// `received 30 bytes from 10.0.0.5:46378 on eth0: ATU 2026-11-22 07:25:09.195112`
  private func appendMessage(_ facts: borrowing LoggedDatagram, to builder: inout JournalEntryBuilder) {
    builder.appendText("received ")
    builder.appendDecimal(UInt64(facts.size))
    builder.appendText(facts.size == 1 ? " byte from " as StaticString : " bytes from ")
    let isIPv6 = facts.source.address.family == .ipv6
    if isIPv6 { builder.appendText("[") }
    append(facts.source.address, to: &builder)
    builder.appendText(isIPv6 ? "]:" as StaticString : ":")
    builder.appendDecimal(UInt64(facts.source.port))
    builder.appendText(" on ")
    append(facts.interface, of: shownNames, to: &builder)
    builder.appendText(": ")
    builder.appendEscaped(facts.payload)
  }

  private func append(_ interface: Int32, of names: [[UInt8]], to builder: inout JournalEntryBuilder) {
    guard names.indices.contains(Int(interface)) else {
      return builder.appendText("?" as StaticString)
    }
    builder.append(prepared: names[Int(interface)])
  }

  /// Writes the digits in place: a `String` would be an allocation for every datagram.
  private func append(_ address: IPAddress, to builder: inout JournalEntryBuilder) {
    switch address.family {
    case .ipv4:
      for shift in stride(from: 24 as UInt64, through: 0, by: -8) {
        builder.appendDecimal((address.low >> shift) & 0xff)
        if shift > 0 { builder.appendText(".") }
      }
    case .ipv6:
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
        var raw = address.in6Addr
        inet_ntop(AF_INET6, &raw, text.baseAddress, socklen_t(text.count))
        guard let start = text.baseAddress else { return }
        builder.appendBytes(UnsafeRawBufferPointer(start: start, count: strlen(start)))
      }
    }
  }
}
