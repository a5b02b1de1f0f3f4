// SPDX-License-Identifier: Apache-2.0

/// What holds in a world of readings.
package enum ReadingsInvariant: String {
  case ghost = "what is known was said, within five beats"
  case order = "what is shown is the latest state that was read"
  case stale = "nothing is known of a host that is not heard"
  case fresh = "all is known of a host that is heard"
  case events = "events and reports agree"
  case bounded = "memory and work are bounded"
  case budget = "what a host sends is bounded"
  case wire = "what a host says is on the wire"
  case own = "a host knows what it says"
  case contested = "of a name that two senders use nothing is known"
  case converged = "in the end all know all"
  case entered = "a state is entered for what was said, and can be known, for as long as the rule asks"
  case left = "a state is left when it cannot be known that it goes on"
  case kept = "a state is not left before, and not by a restart"
  case flips = "a state flips as often as the rule allows"
  case agreed = "hosts that hear the same judge the same"
  case copies = "of a change there are copies enough"
}
