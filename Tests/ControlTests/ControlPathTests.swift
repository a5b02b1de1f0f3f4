// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Control

struct ControlPathTests {
  @Test(
    "the unit to start is that of the socket, and none is named for other places",
    arguments: [
      ("/run/mcastd/io.mcastd", "mcastd"), ("/run/mcastd-lab/io.mcastd", "mcastd@lab"),
      ("/run/mcastd-a-b/io.mcastd", "mcastd@a-b"), ("/tmp/x/io.mcastd", nil), ("/run/other/io.mcastd", nil),
      ("/run/mcastd/other", nil), ("run/mcastd/io.mcastd", nil),
    ])
  func unit(path: String, unit: String?) {
    #expect(ControlSocket.unit(at: path) == unit)
    if let unit, unit != "mcastd" {
      #expect(ControlSocket.path(instance: String(unit.dropFirst("mcastd@".count))) == path)
    }
  }
}
