// SPDX-License-Identifier: Apache-2.0

/// What the words at the end of a heartbeat prove.
package enum Authentication: Hashable, Sendable {
  /// It ends in neither `mac=` nor `sig=`.
  case none
  /// `mac=` is right: one of those who have the key sent it. A `sig=` by a key that we do not have is not
  /// looked at.
  ///
  /// - key: The place of the key in `KeyRing.keys`.
  case authenticated(key: Int)
  /// `sig=` is right: the one who has the seed made it. So is `mac=`, unless it is by a key that we do not
  /// have.
  ///
  /// - key: The place of the key of `sig=` in `KeyRing.keys`.
  case signed(key: Int)
  /// It is authenticated, and not as it should be.
  case refused(Refusal)

  package enum Refusal: Error, Hashable, Comparable, CaseIterable {
    /// A word is not of the form, or the whole is too long for a heartbeat.
    case malformed
    /// We have none of the keys.
    case unknownKey
    /// A key is not good for the host.
    case keyOfOtherHost
    /// `mac=` does not belong to the heartbeat.
    case wrongMAC
    /// `sig=` does not belong to the heartbeat.
    case wrongSignature
    /// The signature was not checked: more came than there is time for, without a `mac=` that is right.
    case budgetSpent
  }
}
