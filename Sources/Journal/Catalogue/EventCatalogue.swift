// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

/// What the journal has of an event: its kind (`MESSAGE_ID`, and what `journalctl -x` says), priority,
/// message and fields. The only place with any of them; a file for each part of `Event`.
package enum EventCatalogue {
  /// The entry of an event; nil for one that has none.
  package static func entry(of event: Event) -> EventEntry? {
    switch event {
    case .service(let event): entry(of: event)
    case .interface(let event, let group): entry(of: event, group: group)
    case .sending(let event, let group, let interface): entry(of: event, group: group, interface: interface)
    case .receiving(let event, let group): entry(of: event, group: group)
    case .peer(let change, let group): entry(of: change, group: group)
    case .ownReadings(let event): entry(of: event)
    case .readings(let event, let group): entry(of: event, group: group)
    case .rule(let event): entry(of: event)
    case .states(let event): entry(of: event)
    case .journal(let event): entry(of: event)
    case .files(let event): entry(of: event)
    }
  }
}

/// The entry of an event.
package struct EventEntry: Equatable, Sendable {
  package var kind: MessageKind
  package var priority: JournalPriority
  /// One line: what is wrong, and what to do about it.
  package var message: String
  /// Further fields, by name.
  package var fields: [String: String]

  init(
    _ kind: MessageKind, _ priority: JournalPriority, _ message: String, _ fields: [String: String]...
  ) {
    self.kind = kind
    self.priority = priority
    self.message = message
    self.fields = fields.reduce(into: [:]) { $0.merge($1) { $1 } }
  }
}

/// What `journalctl -x` says of a kind of entry (https://systemd.io/CATALOG). A field between two at signs is
/// in every entry of the kind.
package struct Explanation: Equatable, Sendable {
  /// MESSAGE_ID: 128 bits in 32 lower-case hexadecimal digits (systemd.journal-fields(7)). It never changes:
  /// `journalctl MESSAGE_ID=` and the operators' scripts depend on it.
  package let messageID: String
  package let subject: String
  /// Where to read on, e.g. `man:mcastd(8)`.
  package let documentation: String
  package let text: String

  init(_ messageID: String, subject: String, documentation: String = "man:mcastd(8)", _ text: String) {
    self.messageID = messageID
    self.subject = subject
    self.documentation = documentation
    self.text = text
  }

  /// The catalog's section for `kind`.
  package func section(for kind: MessageKind) -> String {
    """
    # \(kind)
    -- \(messageID)
    Subject: \(subject)
    Defined-By: mcastd
    Documentation: \(documentation)

    \(text)

    """
  }
}

extension Endpoint {
  /// The fields of an event about this group.
  var fields: [String: String] { ["MCAST_GROUP": "\(address)", "MCAST_PORT": "\(port)"] }
}
