// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Demo

struct DemoTests {
  @Test("its rule is the example's, with shorter times")
  func rule() throws {
    func lines(_ text: String) -> [Substring] {
      text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
    func isTime(_ line: Substring) -> Bool { line.hasPrefix("for=") || line.hasPrefix("release-for=") }
    let example = lines(try SourceTree.read("systemd/examples/fans-off.rule"))
    #expect(lines(DemoGroup.rule).filter { !isTime($0) } == example.filter { !isTime($0) })
    #expect(lines(DemoGroup.rule).filter(isTime) == ["for=1s", "release-for=1s"])
    #expect(example.filter(isTime).count == 2)
  }
}
