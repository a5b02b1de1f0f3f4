// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Testing

@testable import mcastd

struct KeyCommandTests {
  @Test("key new makes a key of HMAC unless told, and of Ed25519 a seed")
  func algorithm() throws {
    #expect(try KeyCommand.New.parse([]).algorithm == .hmacSHA256)
    #expect(try KeyCommand.New.parse(["--algorithm", "hmac-sha256"]).algorithm == .hmacSHA256)
    #expect(try KeyCommand.New.parse(["--algorithm", "ed25519"]).algorithm == .ed25519)
    for other in ["ed25519-public", "ED25519", "", "hmac-sha1"] {
      #expect(throws: (any Error).self) { try KeyCommand.New.parse(["--algorithm", other]) }
    }
  }

  @Test("it can make a key of each algorithm that it takes")
  func secrets() {
    var random = SystemRandomNumberGenerator()
    for name in KeyAlgorithm.allValueStrings {
      let algorithm = KeyAlgorithm(argument: name)
      #expect(algorithm.flatMap { NewKey.lines($0, at: .earliest, using: &random) } != nil)
    }
  }
}
