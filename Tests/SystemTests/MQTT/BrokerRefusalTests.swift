// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// Brokers that want TLS and a password, and what is said where these are not right.
  struct BrokerRefusalTests {
    /// Makes `ca.pem`, another `other.pem`, and the broker's certificate `server.pem` and `expired.pem`.
    private static let certificates = """
      set -e
      cd "$1"
      for name in ca other; do
        openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.pem -days 2 -subj /CN=$name
      done
      printf 'subjectAltName=IP:%s\\n' "$2" >san
      openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=broker
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem
      : >index.txt
      echo 01 >serial
      cat >ca.conf <<'END'
      [ca]
      default_ca=this
      [this]
      database=index.txt
      new_certs_dir=.
      serial=serial
      default_md=sha256
      policy=any
      certificate=ca.pem
      private_key=ca.key
      [any]
      commonName=supplied
      END
      openssl ca -config ca.conf -batch -notext -in server.csr -out expired.pem -extfile san \
        -startdate 20200101000000Z -enddate 20200102000000Z
      """

    private static func encrypted(_ folder: String, _ certificate: String) -> String {
      """
      listener 8883
      allow_anonymous true
      certfile \(folder)/\(certificate).pem
      keyfile \(folder)/server.key

      """
    }

    @Test("TLS works with the right authority; wrong and missing ones, and an expired certificate, are named")
    func encryption() async throws {
      try await BrokerHosts.with { hosts in
        let folder = hosts.folder
        try await ChildProcess.run(
          ["sh", "-c", Self.certificates, "sh", folder, BrokerHosts.address], within: .seconds(60)
        ).checked()
        let tls = "tls=yes\nca=\(folder)/"
        try await hosts.daemons(1...2) { _ in
          try await hosts.mosquitto(Self.encrypted(folder, "server")) { _ in
            try await hosts.bridge(tls + "ca.pem\n") { _ in
              try await hosts.holds(
                ["bridge/state": "online", "h1/state": "alive", "h2/state": "alive"],
                ["-p", "8883", "--cafile", "\(folder)/ca.pem", "-h", BrokerHosts.address])
            }
            for (authority, why) in [
              ("other.pem", "unable to get local issuer certificate"),
              ("none.pem", "none.pem cannot be used"),
              ("server.key", "server.key cannot be used"),
            ] {
              try await hosts.bridge(tls + authority + "\n") { bridge in
                try await bridge.errorLine { $0.contains("no connection to") && $0.contains(why) }
                print(bridge.errorLines.joined(separator: "\n"))
              }
            }
            // Neither side of it speaks first.
            try await hosts.bridge("port=8883\n") { bridge in
              try await bridge.errorLine(within: .seconds(20)) { $0.contains("tls=") }
            }
          }
          try await hosts.mosquitto(Self.encrypted(folder, "expired")) { _ in
            try await hosts.bridge(tls + "ca.pem\n") { bridge in
              try await bridge.errorLine { $0.contains("certificate has expired") && $0.contains("ca=") }
              print(bridge.errorLines.joined(separator: "\n"))
            }
          }
        }
      }
    }

    @Test("a wrong password is named, never shown, and told once; the right one connects")
    func password() async throws {
      try await BrokerHosts.with { hosts in
        let passwords = "\(hosts.folder)/passwords"
        try await ChildProcess.run(["mosquitto_passwd", "-b", "-c", passwords, "mc", "right-one"]).checked()
        let lines = "listener 1883\nallow_anonymous false\npassword_file \(passwords)\n"
        let login = ["-u", "mc", "-P", "right-one"]
        try await hosts.daemons(1...2) { _ in
          try await hosts.mosquitto(lines) { broker in
            try await hosts.bridge("user=mc\n", credentials: ["mcastd-mqtt.password": "wrong-one\n"]) {
              bridge in
              // Three attempts.
              let refusals = { broker.errorLines.count { $0.contains("not authorised") } }
              try await eventually("three refusals", within: .seconds(15)) { refusals() >= 3 ? true : nil }
              let told = bridge.errorLines.filter { $0.contains("no connection") }
              print(told.joined(separator: "\n"))
              #expect(told.count == 1 && told[0].contains("mcastd-mqtt.password"))
              #expect(!bridge.report.contains("wrong-one"))
            }
            try await hosts.bridge(
              "user=x\n",
              credentials: ["mcastd-mqtt.password": "right-one\n", "mcastd-mqtt.user": "mc\n"]
            ) { _ in
              try await hosts.holds(
                ["bridge/state": "online", "h1/state": "alive", "h2/state": "alive"], login)
            }
          }
        }
      }
    }

    @Test("a configuration that is not sound ends it with status 78, naming file, line and value")
    func configuration() async throws {
      try await BrokerHosts.with { hosts in
        try await hosts.bridge("port=x\nsite=a/b\n") { bridge in
          let output = try await bridge.exit()
          #expect(output.status == .exited(78))
          #expect(output.errorLines.count == 2 && output.errorLines[0].contains("mqtt.conf:4: port=x"))
        }
      }
    }
  }
}
