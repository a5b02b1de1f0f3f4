// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// What is known of a received datagram when it is recorded: plain bytes and numbers, that cost nothing to pass on.
package struct DatagramFacts {
  package var payload: UnsafeRawBufferPointer
  /// Bytes as sent.
  package var size: Int
  package var source: Endpoint
  /// The interface on which it arrived, as `InterfaceNames` numbers them.
  package var interface: Int32
  package var isHeartbeat: Bool
  /// Nanoseconds of CLOCK_REALTIME since the epoch.
  package var receivedNanoseconds: Int64

  package init(
    payload: UnsafeRawBufferPointer, size: Int, source: Endpoint, interface: Int32, isHeartbeat: Bool,
    receivedNanoseconds: Int64
  ) {
    self.payload = payload
    self.size = size
    self.source = source
    self.interface = interface
    self.isHeartbeat = isHeartbeat
    self.receivedNanoseconds = receivedNanoseconds
  }
}

/// The record of a received datagram, as an entry of the journal or as a line for people.
package struct DatagramEntry: Sendable {
  /// Where the record goes, which decides its form.
  package enum Form: Sendable {
    case journal
    case line
  }

  private let form: Form
  /// The fields that are the same for every datagram of this group.
  private let preamble: [UInt8]
  /// The names of interfaces, by their numbers.
  package var interfaceNames: [[UInt8]] = [] {
    didSet {
      shownNames = interfaceNames.map { Array(PlainText.oneLine(String(decoding: $0, as: UTF8.self)).utf8) }
    }
  }
  /// The same as MESSAGE and terminals show them: a name may hold anything but a slash and white space.
  private var shownNames: [[UInt8]] = []

  /// Bytes that an entry takes beyond its payload: the escaped payload in MESSAGE, the fields, their names.
  package static let overhead = 2048

  package init(form: Form, group: Endpoint) {
    self.form = form
    let fields: [(String, String)] = [
      ("PRIORITY", "6"), ("SYSLOG_IDENTIFIER", Program.identifier),
      ("MESSAGE_ID", MessageKind.received.messageID), ("MCAST_GROUP", "\(group.address)"),
      ("MCAST_PORT", "\(group.port)"),
    ]
    preamble = JournalEntryBuilder.prepared(
      fields.compactMap { name, value in JournalFieldName(name).map { ($0, value) } })
  }

  /// Writes the record.
  ///
  /// - Parameter buffer: at least `overhead` bytes more than the payload.
  /// - Returns: the bytes written.
  package func write(_ facts: borrowing DatagramFacts, into buffer: UnsafeMutableRawBufferPointer) -> Int {
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
      builder.append("MCAST_SOURCE_PORT", integer: UInt64(facts.source.port))
      builder.append("MCAST_SIZE", integer: UInt64(facts.size))
      builder.append("MCAST_RECEIVED_USEC", integer: facts.receivedNanoseconds / 1000)
      builder.append("MCAST_PAYLOAD", facts.payload)
    }
    // `overhead` is larger than everything above can be; an entry cut short must not pass for a whole one.
    precondition(!builder.overflowed, "DatagramEntry.overhead is too small")
    return builder.count
  }

  /// `received 30 bytes from 10.0.0.5:46378 on eth0: ATU 2026-11-22 07:25:09.195112`
  private func appendMessage(_ facts: borrowing DatagramFacts, to builder: inout JournalEntryBuilder) {
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

  /// An address without a string of its own: this is done for every datagram.
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
