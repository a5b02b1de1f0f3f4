// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import MQTT

struct ConfigurationTests {
  private func read(_ text: String) -> ConfigurationReader {
    ConfigurationReader(Array(text.utf8), path: "/m.conf")
  }

  @Test("an empty file has the defaults, and TLS its own port")
  func defaults() {
    let reader = read("")
    #expect(reader.faults == [] && reader.configuration == BridgeConfiguration())
    #expect(reader.configuration.broker == "localhost:1883")
    #expect(read("[mqtt]\ntls=yes\n").configuration.broker == "localhost:8883")
    #expect(read("[mqtt]\nhost=::1\nport=1\n").configuration.broker == "[::1]:1")
  }

  @Test("each default is one that its setting accepts", arguments: BridgeSetting.allCases)
  func rows(setting: BridgeSetting) {
    var configuration = BridgeConfiguration()
    #expect(setting.set(setting.row.standard, in: &configuration))
    #expect(configuration == BridgeConfiguration())
    #expect(!setting.row.help.isEmpty && !setting.row.accepted.isEmpty)
  }

  @Test("settings are taken, and an empty value is the default")
  func values() {
    let configuration = read(
      "[mqtt]\nhost=broker.lan\nport=1884\nca=/etc/ca.pem\nuser=mc\nsite=hall_2-b\nexpire=1min\nhost=\n"
    ).configuration
    #expect(configuration.host == "localhost" && configuration.port == 1884)
    #expect(configuration.authorities == "/etc/ca.pem" && configuration.user == "mc")
    #expect(configuration.site == "hall_2-b" && configuration.expirySeconds == 60)
  }

  @Test(
    "a value that is not accepted is a fault with its line, its name and what is accepted",
    arguments: [
      ("host=a b", "host"), ("port=0", "port"), ("port=65536", "port"), ("port=+1", "port"),
      ("tls=on", "tls"),
      ("ca=pem", "ca"), ("site=a/b", "site"), ("site=+", "site"), ("site=ä", "site"), ("expire=4s", "expire"),
      ("expire=61min", "expire"), ("expire=5500ms", "expire"), ("expire=30", "expire"),
      ("discovery=yes", "discovery"), ("discovery.prefix=a//b", "discovery.prefix"),
      ("discovery.prefix=mcastd/x", "discovery.prefix"), ("discovery.prefix=#", "discovery.prefix"),
    ])
  func refused(line: String, name: String) throws {
    let reader = read("[mqtt]\n\(line)\n")
    let fault = try #require(reader.faults.first)
    let setting = try #require(BridgeSetting(rawValue: name))
    #expect(reader.faults.count == 1 && fault.line == 2 && fault.path == "/m.conf")
    #expect(fault.problem.hasPrefix(line) && fault.problem.hasSuffix(setting.row.accepted))
  }

  @Test("unknown names and sections are faults, and all of a file are found")
  func unknown() {
    let reader = read("host=x\n[mqtt]\nhots=x\n[other]\na=b\n[mqtt]\nport=x\n")
    #expect(reader.faults.map(\.line) == [1, 3, 5, 7])
    #expect(reader.faults[1].problem.contains("did you mean host?"))
    let many = read("[mqtt]\n" + String(repeating: "x=1\n", count: 100))
    #expect(many.faults.count == 33 && many.faults.last?.problem == "68 more faults")
  }

  @Test("a named file must be there, the standard one need not")
  func absent() throws {
    let folder = try TemporaryDirectory()
    let reader = ConfigurationReader(path: "\(folder.path)/none.conf")
    #expect(reader.faults.count == 1)
  }

  @Test("the credentials win over the file, lose their newline, and are refused where they are none")
  func credentials() throws {
    let folder = try TemporaryDirectory()
    func put(_ name: String, _ text: String) throws {
      let file = try #require(fopen("\(folder.path)/\(name)", "w"))
      fputs(text, file)
      fclose(file)
    }
    let none = try BrokerLogin(configured: "", directory: folder.path)
    #expect(none.user == nil && none.password == nil)
    #expect(try BrokerLogin(configured: "a", directory: nil).user == "a")
    try put("mcastd-mqtt.password", "secret\n")
    #expect(throws: BridgeFault.self) { try BrokerLogin(configured: "", directory: folder.path) }
    try put("mcastd-mqtt.user", "b")
    let login = try BrokerLogin(configured: "a", directory: folder.path)
    #expect(login.user == "b" && login.password == "secret")
    for wrong in ["", "\n", "a\nb\n", String(repeating: "x", count: 1025)] {
      try put("mcastd-mqtt.password", wrong)
      let fault = #expect(throws: BridgeFault.self) {
        try BrokerLogin(configured: "a", directory: folder.path)
      }
      #expect(fault?.path.hasSuffix("mcastd-mqtt.password") == true)
      #expect(wrong.count < 2 || fault?.description.contains(wrong) == false)
    }
  }
}
