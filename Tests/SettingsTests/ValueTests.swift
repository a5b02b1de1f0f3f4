// SPDX-License-Identifier: Apache-2.0

import Platform
import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform
@testable import Settings

struct ValueTests {
  @Test("what a key accepts has a normal form, from every source", arguments: Key.allCases)
  func accepts(key: Key) throws {
    let others = key.example.others
    for (text, normal) in key.example.accepted {
      #expect(try load([key: text], environment: others).value(key) == normal)
      let environment = others.merging([key.environmentName: text]) { $1 }
      #expect(try load(environment: environment).value(key) == normal)
      #expect(try load(environment: others, file: line(key, text)).value(key) == normal)
    }
  }

  @Test("a normal form is accepted and stays as it is", arguments: Key.allCases)
  func normalFormIsStable(key: Key) throws {
    for (_, normal) in key.example.accepted {
      #expect(try load([key: normal], environment: key.example.others).value(key) == normal)
    }
  }

  @Test(
    "what a key does not accept is refused with key, value, origin and what is accepted",
    arguments: Key.allCases)
  func refuses(key: Key) throws {
    for text in key.example.refused {
      let shown = text.isEmpty ? "''" : Printable.line(text)
      let reason = "\(key.name) must be \(key.accepted)"
      #expect(try refusal([key: text]) == "\(key.flag) \(shown) on the command line: \(reason)")
      guard !text.isEmpty else { continue }
      #expect(
        try refusal(environment: [key.environmentName: text])
          == "\(key.environmentName)=\(shown) in the environment: \(reason)")
      guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else { continue }
      let number = key.name.contains(".") ? 2 : 1
      #expect(try refusal(file: line(key, text)) == "FILE:\(number): \(key.name)=\(shown): \(reason)")
    }
  }

  @Test("the error of the manual is word for word what the manual says")
  func wording() throws {
    #expect(
      try refusal(environment: ["MCASTD_PORT": "70000"])
        == "MCASTD_PORT=70000 in the environment: port must be 1–65535")
    #expect(try refusal([.port: "70000"]) == "--port 70000 on the command line: port must be 1–65535")
    #expect(try refusal(file: "# ports\n\nport=abc\n") == "FILE:3: port=abc: port must be 1–65535")
  }

  @Test("an error is one line, however long or hostile the value")
  func oneLine() throws {
    let error = try refusal([
      .port: "1\nport=2\u{1b}[2J\u{85}\u{202e}\\" + String(repeating: "9", count: 10_000)
    ])
    #expect(error.hasPrefix("--port 1\\nport=2\\u{1b}[2J\\u{85}\\u{202e}\\\\999"))
    #expect(error.hasSuffix("9… on the command line: port must be 1–65535"))
    #expect(error.count < 250)
  }

  @Test(
    "quotation marks are named for what they are, from every source and for every key",
    arguments: Key.allCases)
  func quotes(key: Key) throws {
    let cases = key.example.accepted
    for value in [cases[0].normal, cases.last?.normal ?? ""] where value.count < 100 {
      for text in ["\"\(value)\"", "'\(value)'", "\"\(value)", "\(value)'"] {
        let bare = value.trimmingBlanks()
        let reason = "a value is written without quotation marks: \(bare)"
        #expect(try refusal([key: text]) == "\(key.flag) \(text) on the command line: \(reason)")
        #expect(try refusal(file: line(key, text)).hasSuffix(": \(key.name)=\(text): \(reason)"))
      }
    }
  }

  @Test("a quotation mark is found around one of several names, and not within one")
  func quotesInLists() throws {
    #expect(
      try refusal(file: "interface=eth0, \"eth1\",'eth2'\n")
        == "FILE:1: interface=eth0, \"eth1\",'eth2': a value is written without quotation marks: eth0,eth1,eth2"
    )
    #expect(try load([.interface: "bob's"]).value(.interface) == "bob's")
  }

  @Test("every value that is not accepted is told of, one line each, and each only once")
  func everyFault() throws {
    let error = try #require(
      #expect(throws: SettingsError.self) {
        try load(
          [.ttl: "300"], environment: ["MCASTD_PORT": "0"], file: "group=10.0.0.1\nnonsense\n[log]\nrate=x\n")
      })
    #expect(
      error.lines.map { $0.replacing(#/^.*mcastd\.conf/#, with: "FILE") } == [
        "FILE:2: expected key=value, [section] or a comment",
        "FILE:1: group=10.0.0.1: group must be \(Key.group.accepted)",
        "MCASTD_PORT=0 in the environment: port must be 1–65535",
        "--ttl 300 on the command line: ttl must be 0–255",
        "FILE:4: log.rate=x: log.rate must be \(Key.logRate.accepted)",
      ])
    #expect(error.description == error.lines.joined(separator: "; "))
  }

  @Test("of very many faults some are told and the rest counted")
  func manyFaults() throws {
    let error = #expect(throws: SettingsError.self) {
      try load(file: String(repeating: "nonsense\n", count: 100_000))
    }
    #expect(error?.faults.count == SettingsError.maximumCount)
    #expect(error?.lines.last == "\(100_000 - SettingsError.maximumCount) more errors")
  }

  @Test("what is ignored is told beside what is refused")
  func faultsWithWarnings() {
    let error = #expect(throws: SettingsError.self) {
      try load(file: "group=232.1.1.1\n[peers]\nsource=10.0.0.5\n")
    }
    #expect(error?.faults.count == 1)
    #expect(error?.warnings.map(\.concernsFile) == [true])
  }

  @Test("a key that inherits blames the key that was written")
  func inheritedBlame() throws {
    let error = #expect(throws: SettingsError.self) { try load([.group: "10.0.0.1"]) }
    #expect(error?.faults.map(\.key) == [.group])
    #expect(error?.faults.first?.origin == .commandLine(flag: "--group"))
  }

  @Test("intervals and sizes arrive in their units")
  func units() throws {
    #expect(try load([.interval: "1min 0.5s"]).interval == .milliseconds(60_500))
    #expect(try load([.receiveBuffer: "1.5M"]).receiveBuffer == 1_572_864)
    #expect(try load([.logQueue: "64KiB"]).log.queue == 65_536)
  }

  @Test("expected peers are of the group's family, each once, in the order in which they are named")
  func expectedPeers() throws {
    let settings = try load([.peersExpected: "10.0.0.6,10.0.0.5,10.0.0.6"])
    #expect(settings.peersExpected.map(\.description) == ["10.0.0.6", "10.0.0.5"])
    let other = try load([.group: "ff15::1", .interface: "eth0", .peersExpected: "FE80:0::1"])
    #expect(other.peersExpected.map(\.description) == ["fe80::1"])
    #expect(
      try refusal([.peersExpected: "fe80::1"])
        == "--peers-expected fe80::1 on the command line: fe80::1 cannot send to 239.1.1.1; "
        + "peers.expected must be IPv4, as the group")
    #expect(try refusal(file: "[peers]\nexpected=ups_1\n").hasPrefix("FILE:2: peers.expected=ups_1: "))
    let named = try load([.peersExpected: "ups1,10.0.0.5"])
    #expect(named.peersExpected == [.name("ups1"), .address(try #require(IPAddress("10.0.0.5")))])
  }

  @Test("a log rate or burst of 0 is no budget")
  func noBudget() throws {
    #expect(try load().log.hasBudget)
    #expect(try !load([.logRate: "0"]).log.hasBudget)
    #expect(try !load([.logBurst: "0"]).log.hasBudget)
  }
}
