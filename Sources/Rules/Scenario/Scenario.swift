// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness

/// What hosts do, and in which states rules should then be, as an operator wrote it to try a rule
/// (mcastd.rule(5)).
///
/// Times are in nanoseconds from the beginning.
package struct Scenario: Equatable, Sendable {
  /// The word for this host.
  static let ownWord = "this"

  /// The name of this host: nobody else is called so in a scenario.
  static var ownName: HostName? { HostName(ownWord) }

  /// Something that a host does.
  enum Deed: Equatable, Sendable {
    /// Says a reading from now on; nil says it no more.
    case say(Reading.ID, ReadingValue?)
    /// Is heard, if it was not.
    case beat
    /// Is heard no more.
    case fallSilent
    /// Says goodbye, and is heard no more.
    case leave
    /// Its heartbeats prove this from now on.
    case prove(Proof)
    /// Is taken for a peer in this state from now on, whatever is heard of it.
    case appear(PeerState)
  }

  /// In which state a rule should be, once all that happens at that time has happened.
  package struct Expectation: Equatable, Sendable {
    package var rule: RuleName
    package var state: RuleMachine.State
    /// Whether the state is meant in which it would be if values for practice were true.
    package var isDrill = false
    /// Where it stands, from 1.
    package var line: Int
    package var column: Int
  }

  enum Step: Equatable, Sendable {
    /// All of these, of each of the hosts.
    case hosts([PeerSubject], [Deed])
    case expect(Expectation)
  }

  struct Line: Equatable, Sendable {
    var time: Int64
    var step: Step
  }

  /// In the order of their times.
  var lines: [Line] = []
  /// Of the file, for errors.
  package var path: String

  /// When the last line happens.
  package var end: Int64 { lines.last?.time ?? 0 }

  /// How many expectations it has.
  package var expectationCount: Int {
    lines.count { if case .expect = $0.step { true } else { false } }
  }
}
