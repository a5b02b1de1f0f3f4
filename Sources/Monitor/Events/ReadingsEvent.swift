// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Platform

/// A change of what hosts say.
package enum ReadingsEvent: Sendable {
  /// Readings of a host have other values, are said for the first time, or are not said any more.
  case changed(HostChanges)
  /// Readings of a host that were known are not: it is not heard, says `?`, or shares its name.
  case unknown(HostChanges)
  /// They are known again.
  case known(HostChanges)
  /// So many changes have no entry of their own.
  case suppressed(SummaryPace.Summary)

  /// What is to be told of the changes of a host: first what cannot be relied on any more.
  static func events(of all: HostChanges) -> [ReadingsEvent] {
    func part(where isPart: (ReadingChange) -> Bool) -> HostChanges? {
      var part = all
      part.changes = all.changes.filter(isPart)
      return part.changes.isEmpty ? nil : part
    }
    return [
      part { $0.isLoss }.map { .unknown($0) }, part { $0.isReturn }.map { .known($0) },
      part { !$0.isLoss && !$0.isReturn }.map { .changed($0) },
    ].compactMap { $0 }
  }

  /// The same, for each reading by itself.
  package var single: [ReadingsEvent] {
    switch self {
    case .changed(let changes): changes.single.map { .changed($0) }
    case .unknown(let changes): changes.single.map { .unknown($0) }
    case .known(let changes): changes.single.map { .known($0) }
    case .suppressed: [self]
    }
  }

  /// Whose readings; nil where it is of several hosts.
  package var changes: HostChanges? {
    switch self {
    case .changed(let changes), .unknown(let changes), .known(let changes): changes
    case .suppressed: nil
    }
  }
}

extension HostChanges {
  fileprivate var single: [HostChanges] {
    changes.map { change in
      var single = self
      single.changes = [change]
      return single
    }
  }
}

extension ReadingChange {
  /// Whether it was known, and is not; a drill that ends takes nothing away.
  fileprivate var isLoss: Bool { !id.isDrill && before?.quality.isKnown == true && !now.quality.isKnown }

  /// Whether it is known, and was not before.
  fileprivate var isReturn: Bool { !id.isDrill && before?.quality.isKnown == false && now.quality.isKnown }
}

/// Whether this host can say what it is to say.
package enum OwnReadingsEvent: Sendable {
  /// There is no room in a heartbeat for these; there is for all where there are none.
  case leftOut([Reading.ID])
  /// A file of readings, or their directory, is not as it should be.
  case faulty(ReadingFileFault)
  /// It is again.
  case mended(path: String)
  /// There are files of readings, and this host has no name under which they could be said.
  case nameless(directory: String)
}
