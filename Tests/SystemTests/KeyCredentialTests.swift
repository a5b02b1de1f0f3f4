// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension SystemTests {
  /// Keys that systemd hands to the service.
  @Suite(.container)
  struct KeyCredentialTests {
    private static let example = Repository.path("/systemd/examples/keys.conf")

    @Test("with the keys' drop-in heartbeats are authentic, the file is root's alone, and the sandbox holds")
    func credential() async throws {
      let container = try Container.current
      try await container.run(
        "sh", "-c", "mkdir -p /etc/mcastd && umask 077 && mcastd key new > /etc/mcastd/keys"
      ).checked()
      #expect(try await !container.run("runuser", "-u", "mcastd", "cat", "/etc/mcastd/keys").succeeded)
      let settings = lines(of: Self.example).filter { $0.contains("=") && !$0.hasPrefix("#") }
      let start = try await container.journalEnd()
      let sign = "Environment=MCASTD_NAME=auto MCASTD_AUTH_MODE=sign"
      try await container.withDropIn((settings + [sign]).joined(separator: "\n")) {
        try await container.systemctl("start", "mcastd")
        try await container.entries(2, after: start, "--unit=mcastd", "MCAST_AUTH=ok")
        let security = try await container.run(
          "systemd-analyze", "security", "--no-pager", "--threshold=11", "mcastd.service")
        #expect(security.succeeded, "\(security)")

        // Another key in the file, and a restart, which reads the credential anew.
        let ids = try await container.run("sh", "-c", "mcastd key new | tee /etc/mcastd/keys | cut -d' ' -f1")
        let restart = try await container.journalEnd()
        try await container.systemctl("restart", "mcastd")
        let id = try #require(ids.lines.first)
        try await container.entries(1, after: restart, "--unit=mcastd", "MCAST_AUTH=ok") {
          $0["MCAST_PAYLOAD"]?.contains(" mac=\(id):") == true
        }
      }
    }

    @Test("where keys are wanted and there are none, the start ends in 78 and says what to do")
    func missing() async throws {
      let container = try Container.current
      let start = try await container.journalEnd()
      try await container.withDropIn("Environment=MCASTD_NAME=auto MCASTD_AUTH_MODE=require") {
        #expect(try await !container.run("systemctl", "start", "mcastd").succeeded)
        let entry = try await container.entries(
          1, after: start, "--unit=mcastd", "MESSAGE_ID=0b407321daaa4e4abbea4ac82c34f8ef")
        #expect(entry.first?.message.contains("LoadCredential=mcastd.keys:") == true, "\(entry)")
        try await container.property("ActiveState") { $0 == "failed" }
        let state = try await container.properties("ExecMainStatus", "NRestarts")
        #expect(state == ["ExecMainStatus": "78", "NRestarts": "0"])
      }
    }
  }
}
