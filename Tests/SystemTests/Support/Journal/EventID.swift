// SPDX-License-Identifier: Apache-2.0

/// The MESSAGE_IDs that tests look for, written out once more on purpose: they are promised to operators,
/// and a change in the daemon must fail here.
enum EventID {
  static let started = "7e633452a0bb45439d575e89acba2bc3"
  static let stopping = "c518014f6ea6475ba3f44578cc438e46"
  static let configurationApplied = "5656059b6cd1491bb29218cd8a64c0ea"
  static let configurationRefused = "f37d11fa130d4600833b95e7ed63b8b2"
  static let interfaceJoined = "6805565c69a442079e06532c6c64b2bd"
  static let interfaceLost = "94c11cfbc45941bfabf503e37a321394"
  static let interfaceMissing = "842c64826fff4e82bb5c00ffb3877f88"
  static let membershipLimit = "d209700bcb2749268ca0b8d3f7886407"
  static let kernelDrops = "bd04f5635e014f9ea31552d1eab43441"
  static let summarised = "43c6e8b02f2d4edb8ec42569736454f5"
  static let sendFailing = "00c1e3987fca4e7faf1867ac975e26ce"
  static let sendRecovered = "ed623c098c954f1dbd3bbf63139627f4"
  static let journalStalled = "a97610b9a91a48d8940d957268752619"
  static let received = "d344a5587e464832b8136e8ae97dfc82"
  static let peerDiscovered = "245c3d21e4da4f05963da30670d45d7a"
  static let peerSilent = "cabb2ea43a744350a4a4e3d6497ed3dc"
  /// Also of a network that was silent: then without MCAST_PEER_STATE.
  static let peerBack = "18e7fcceb66f47519e71819161722080"
  static let peerLeft = "a96e076c1b2b4263bc5f42c129215e30"
  static let nameUsedTwice = "8f40a7a1fa4d43808eb5abd61982d90f"
  static let notAuthentic = "81b5bbf5a0564f998a327f44f8661451"
  static let clockOff = "55c8ce5627af4b24b75c046f786306f6"
  static let clockRight = "c9ecb6c7fd064ba491e6458c185939e7"
  static let networkSilent = "1d5c34bcf4714fce96758707c4215da0"
  static let ownHeartbeatNotHeard = "1e0c7eefc75b40cb8b2ba94a319aa4d9"
  static let readingLeftOut = "98d5fe09c9514dffac2b6665f2018022"
  static let readingSaid = "5610ed9a75bc484cbb634bf65ff62709"
  static let targetRefused = "f558581f5c324592aa8304a5be53e464"
  static let targetAccepted = "e234bf0b8c6340499f0a286bf484b6bb"
  static let ruleState = "396cea8731974af482149d5aea1183dc"
  static let querierMissing = "1936200f0dd0421bb4d8e1486e697387"
}
