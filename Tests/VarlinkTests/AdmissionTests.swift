// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Varlink

@Suite("Admission")
struct AdmissionTests {
  private var limits: VarlinkLimits {
    var limits = VarlinkLimits()
    limits.connections = 3
    limits.reserved = 1
    return limits
  }

  private func candidate(
    _ id: UInt64, uid: UInt32, session: Int32 = 1, process: Int32 = 1, busy: Bool = false, at time: UInt64
  ) -> Admission.Candidate {
    Admission.Candidate(
      id: id, principal: Admission.Principal(uid: uid, session: session, process: process), process: process,
      isBusy: busy, lastActive: time)
  }

  @Test("whoever finds room gets in")
  func room() {
    let candidates = [candidate(1, uid: 5, busy: true, at: 0), candidate(2, uid: 5, busy: true, at: 0)]
    #expect(Admission.decide(isPrivileged: false, among: candidates, limits: limits) == .admit)
  }

  @Test("the longest idle makes room")
  func idle() {
    let candidates = [candidate(1, uid: 5, at: 9), candidate(2, uid: 5, at: 7), candidate(3, uid: 5, at: 8)]
    #expect(Admission.decide(isPrivileged: false, among: candidates, limits: limits) == .replace(2))
  }

  @Test("the user with the most connections makes room, though another has idled longer")
  func crowd() {
    let candidates = [candidate(1, uid: 0, at: 1), candidate(2, uid: 5, at: 7), candidate(3, uid: 5, at: 8)]
    #expect(Admission.decide(isPrivileged: false, among: candidates, limits: limits) == .replace(2))
  }

  @Test("where all users look like one, the session with the most connections makes room")
  func sessions() {
    let candidates = [
      candidate(1, uid: 65534, session: 7, at: 1), candidate(2, uid: 65534, session: 8, process: 2, at: 7),
      candidate(3, uid: 65534, session: 8, process: 3, at: 8),
    ]
    #expect(Admission.decide(isPrivileged: false, among: candidates, limits: limits) == .replace(2))
  }

  @Test("of one principal, the process with the most connections makes room")
  func processes() {
    let candidates = [
      candidate(1, uid: 65534, process: 5, at: 1), candidate(2, uid: 65534, process: 6, at: 7),
      candidate(3, uid: 65534, process: 6, at: 8),
    ]
    #expect(Admission.decide(isPrivileged: false, among: candidates, limits: limits) == .replace(2))
  }

  @Test("a call that is being answered is never cut off")
  func busy() {
    let candidates = [
      candidate(1, uid: 5, busy: true, at: 1), candidate(2, uid: 5, busy: true, at: 2),
      candidate(3, uid: 7, at: 9),
    ]
    #expect(Admission.decide(isPrivileged: false, among: candidates, limits: limits) == .replace(3))
  }

  @Test("when all are busy the privileged find room, up to the reserve")
  func reserve() {
    var candidates = (1...3).map { candidate($0, uid: 5, busy: true, at: $0) }
    #expect(Admission.decide(isPrivileged: false, among: candidates, limits: limits) == .refuse)
    #expect(Admission.decide(isPrivileged: true, among: candidates, limits: limits) == .admit)
    candidates.append(candidate(4, uid: 0, busy: true, at: 4))
    #expect(Admission.decide(isPrivileged: true, among: candidates, limits: limits) == .refuse)
  }

  @Test("streams are limited in all and for each user; the privileged have the reserve")
  func streams() {
    var limits = VarlinkLimits()
    (limits.streams, limits.streamsPerPrincipal, limits.reserved) = (4, 2, 1)
    func admits(_ uids: [UInt32], uid: UInt32) -> Bool {
      var candidates = uids.enumerated().map { candidate(UInt64($0), uid: $1, busy: true, at: 1) }
      for index in candidates.indices { candidates[index].isStreaming = true }
      // Other connections do not count.
      candidates += (100..<110).map { candidate($0, uid: uid, at: 1) }
      return Admission.admitsStream(
        of: .user(uid), isPrivileged: uid == 0, among: candidates, limits: limits)
    }
    #expect(admits([], uid: 5))
    #expect(admits([5, 7, 7], uid: 5))
    #expect(!admits([5, 5], uid: 5))
    #expect(!admits([5, 5, 7, 7], uid: 6))
    #expect(admits([5, 5, 7, 7], uid: 0))
    #expect(admits([0, 0, 0, 0], uid: 0))
    #expect(!admits([0, 0, 0, 0, 0], uid: 0))
    limits.connections = 3
    #expect(admits([5], uid: 6))
    #expect(!admits([5, 7], uid: 6) && !admits([5, 7], uid: 0))
  }
}
