// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// The unit moves to a network namespace of its own and back, while its receive socket is in the store.
  @Suite(.container)
  struct NamespaceChangeTests {
    private static let path = "/etc/systemd/system/mcastd.service.d/test.conf"
    private static let settings = "Environment=MCASTD_INTERFACE=lo MCASTD_INTERVAL=200ms"

    @Test("PrivateNetwork= put on and taken off: its own beats are heard after each restart")
    func privateNetwork() async throws {
      let container = try Container.current
      try await container.withDropIn(Self.settings) {
        try await container.systemctl("start", "mcastd")
        try await expectReception(container)
        var before = try await container.mainProcess()
        for round in 1...3 {
          for isPrivate in [true, false] {
            let position = try await container.journalEnd()
            let network = isPrivate ? "PrivateNetwork=yes" : ""
            try await container.write("[Service]\n\(Self.settings)\n\(network)\n", to: Self.path)
            try await container.systemctl("daemon-reload")
            try await container.systemctl("restart", "mcastd")
            try await expectReception(container)
            let process = try await container.mainProcess()
            #expect(process != before)
            before = process
            // The socket that was kept is refused aloud, once, and the store holds the new one.
            let told = try await container.entries(1, after: position, "_PID=\(process)") {
              $0.message.contains("namespace")
            }
            #expect(told.count == 1 && told[0]["PRIORITY"] == "5", "round \(round), \(network)")
            let store = try await container.properties("NFileDescriptorStore")
            #expect(store == ["NFileDescriptorStore": "1"], "round \(round), \(network)")
          }
          // Without a change the socket is taken up as ever.
          let position = try await container.journalEnd()
          let sockets = try await container.receiveSockets()
          try await container.systemctl("restart", "mcastd")
          try await expectReception(container)
          #expect(try await container.receiveSockets() == sockets)
          let entries = try await container.journal(after: position, "SYSLOG_IDENTIFIER=mcastd")
          #expect(!entries.contains { $0.message.contains("namespace") })
          before = try await container.mainProcess()
        }
      }
    }

    /// Beats go out every 200 ms.
    private func expectReception(
      _ container: Container, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let received = try await container.status().received
      try await eventually("own beats") {
        try await container.status().received >= received + 2 ? true : nil
      }
      #expect(try await container.status().isBalanced, sourceLocation: sourceLocation)
    }
  }
}
