// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform
import Testing

@testable import Daemon

struct FileHealthTests {
  @Test("a failure is said once, and so is its end")
  func health() {
    var health = FileHealth()
    let failure = FileFailure(call: "open", path: "/run/x", errno: ENOSPC)
    let said = [nil, failure, failure, nil, nil, failure].map { health.note($0) }
    #expect(said == [nil, .failing(failure), nil, .recovered, nil, .failing(failure)])
  }
}
