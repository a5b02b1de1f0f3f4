// SPDX-License-Identifier: Apache-2.0

// When a peer is judged.
extension Peer {
  /// When the state is to be judged next, in nanoseconds of the listening clock. Inlined, so that who asks it
  /// of a peer in an array reads a few fields and copies no peer.
  @inline(__always)
  var deadline: Int64 {
    switch state {
    case .alive: lastListening + lateAfter
    case .late, .unknown: lastListening + silentAfter
    case .silent, .left: lastListening + LivenessRule.forgottenAfter
    }
  }

  /// How long after a beat the next one is missing, in nanoseconds.
  var overdueAfter: Int64 { LivenessRule.overdueAfter(interval) }
  /// How long after its last beat it is late, in nanoseconds.
  @inline(__always)
  var lateAfter: Int64 { tolerance.lateAfter(interval) }
  /// How long after its last beat it is silent, in nanoseconds.
  @inline(__always)
  var silentAfter: Int64 { tolerance.silentAfter(interval) }
}
