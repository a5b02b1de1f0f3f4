// SPDX-License-Identifier: Apache-2.0

/// What a reload has to do when the value of a key changed: one effect a key (``Key/reloadEffect``), each
/// with one owner in the daemon. Of several changes the union is done: first `receiver`, last `datagramLog`,
/// `peers`, `interfaces` and the start of publishing, and what is between in the order of the cases.
///
/// The kernel may refuse the first two: the daemon tries them on sockets of its own before it changes
/// anything.
package enum ReloadEffect: CaseIterable, Sendable {
  /// Opens the receive socket for another group or port, or closes it, or opens it for the first time. The
  /// peers of the group before are forgotten, and entries name the new group.
  case receiver
  /// Replaces the source filter of every membership, on the socket that is open, and forgets the peers that
  /// are not accepted any more.
  case sources
  /// Sets SO_RCVBUF of the socket that is open.
  case receiveBuffer
  /// Opens senders to another group or port, on the interfaces that are in use, and closes those before.
  case senders
  /// Sets IP_MULTICAST_TTL and IP_MULTICAST_LOOP, or their IPv6 counterparts, of the senders that are open.
  /// The second decides also whether our own heartbeats are expected back.
  case sendOptions
  /// Resolves the interfaces anew: joins, leaves, opens and closes senders.
  case interfaces
  /// Opens the senders and starts the schedule, or stops the schedule and closes them.
  case publishing
  /// Begins another schedule one interval from now, and sets the time after which an expected peer that was
  /// never heard is silent.
  case interval
  /// Says goodbye under the name before, and gives heartbeats the new one.
  case identity
  /// Seals our heartbeats and judges those of others anew. The keys themselves are read at each reload.
  case authentication
  /// Writes the time of heartbeats in another zone, and reads that of peers in it.
  case zone
  /// Sets the budget, the selection and the queue of datagram entries.
  case datagramLog
  /// Sets the least priority of the daemon's own messages, and with it whether datagrams, which are info,
  /// have entries at all.
  case logLevel
  /// Sets the capacity of the peer table, the list of expected peers, and how many false alarms are allowed,
  /// by which all peers are judged from then on.
  case peers
  /// Reads the files of readings anew, in another directory or with another age.
  case readings
  /// Reads the files of rules in another directory; they are read anew at each reload.
  case rules
  /// Writes metrics.prom as often from now on, or not any more.
  case metrics
  /// Nothing: the keys that inherit from this one have effects of their own.
  case none
}
