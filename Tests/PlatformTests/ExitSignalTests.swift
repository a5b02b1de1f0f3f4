// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Platform

struct ExitSignalTests {
  @Test("the first exit status holds")
  func exits() {
    let exit = ExitSignal()
    exit.end(ExitStatus.systemRefused)
    exit.end(ExitStatus.success)
    #expect(exit.wait() == ExitStatus.systemRefused)
  }
}
