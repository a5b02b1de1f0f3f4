// SPDX-License-Identifier: Apache-2.0

@testable import Settings

/// What the tests know of a key: written once more on purpose, so that the table of settings is held to it.
struct Example {
  /// In its normal form.
  var byDefault: String
  /// Three values in their normal form, each unlike the next, and the first unlike the default.
  var values: [String]
  /// Texts that the key accepts, and their normal form.
  var accepted: [(text: String, normal: String)]
  var refused: [String]
  /// What a reload has to do where this key changed and nothing else.
  var effects: Set<ReloadEffect>
  /// What must be set as well, as variables.
  var others: [String: String] = [:]
}

extension Key {
  /// A switch without a default: a new key does not compile without an example.
  var example: Example {
    switch self {
    case .group: .group([.senders, .receiver, .none])
    case .publishGroup: .group([.senders])
    case .subscribeGroup: .group([.receiver])
    case .port: .port([.senders, .receiver, .none])
    case .publishPort: .port([.senders])
    case .subscribePort: .port([.receiver])
    case .interface: .interface([.interfaces, .none])
    case .publishInterface, .subscribeInterface: .interface([.interfaces])
    case .source:
      Example(
        byDefault: "any", values: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
        accepted: [
          ("any", "any"), ("10.0.0.5", "10.0.0.5"), ("10.0.0.5, 10.0.0.6,10.0.0.5", "10.0.0.5,10.0.0.6"),
        ],
        refused: [
          "", "any,10.0.0.5", "239.1.1.1", "0.0.0.0", "255.255.255.255", "10.0.0.5,", "host", "ff02::1",
        ],
        effects: [.sources])
    case .name:
      Example(
        byDefault: "", values: ["ups1", "ups2", "ups3"],
        accepted: [
          ("", ""), ("ups1", "ups1"), ("UPS1.example.org", "UPS1.example.org"), ("7", "7"), ("a-b", "a-b"),
          (String(repeating: "n", count: 63), String(repeating: "n", count: 63)),
        ],
        refused: [
          "-ups", ".ups", "ups_1", "ups 1", "ups/1", "../ups", "10.0.0.5", "999.1.1.1", "fe80::1", "üps",
          String(repeating: "n", count: 64),
        ],
        effects: [.identity])
    case .publishEnabled: .yesNo([.publishing])
    case .publishGoodbye: .yesNo([.identity])
    case .subscribeEnabled: .yesNo([.receiver])
    case .interval:
      Example(
        byDefault: "1s", values: ["2s", "3s", "4s"],
        accepted: [
          ("10ms", "10ms"), ("1s", "1s"), ("1.5s", "1500ms"), ("120s", "2min"), ("1h", "1h"),
          ("1min 30s", "90s"), ("2 min", "2min"), ("10000us", "10ms"), ("3600sec", "1h"), ("0.25s", "250ms"),
        ],
        refused: [
          "", "1", "9ms", "9999us", "3600001ms", "1h 1ms", "1.s", ".5s", "1M", "1day", "-1s", "s", "1s2",
          "1.0000000001s", "10.0000005ms", "99999999999999999999s", "9223372036854775807h", "1,5s",
        ],
        effects: [.interval])
    case .ttl:
      Example(
        byDefault: "1", values: ["21", "22", "23"], accepted: [("0", "0"), ("255", "255")],
        refused: ["", "256", "-1", "1.5"], effects: [.sendOptions])
    case .loopback: .yesNo([.sendOptions])
    case .timestamp:
      Example(
        byDefault: "local", values: ["utc", "local", "utc"],
        accepted: [("local", "local"), ("utc", "utc"), ("UTC", "utc")], refused: ["", "gmt", "local,utc"],
        effects: [.zone])
    case .authMode:
      Example(
        byDefault: "off", values: ["sign", "require", "off"],
        accepted: [("off", "off"), ("Sign", "sign"), ("REQUIRE", "require")],
        refused: ["", "yes", "no", "on", "mac", "sign,require"], effects: [.authentication],
        others: ["MCASTD_NAME": "host1"])
    case .authKeys:
      Example(
        byDefault: "", values: ["/etc/mcastd/a", "/etc/mcastd/b", "/etc/mcastd/c"],
        accepted: [("", ""), ("/etc/mcastd/keys", "/etc/mcastd/keys")],
        refused: ["keys", "./keys", "~/keys", "mcastd.keys"], effects: [.authentication])
    case .readingsDirectory:
      Example(
        byDefault: "/etc/mcastd/readings.d", values: ["/etc/mcastd/a", "/etc/mcastd/b", "/etc/mcastd/c"],
        accepted: [("/run/readings", "/run/readings")],
        refused: ["", "readings.d", "./readings.d", "~/readings.d"], effects: [.readings])
    case .readingsExpire:
      Example(
        byDefault: "30s", values: ["10s", "20s", "40s"],
        accepted: [("1s", "1s"), ("90s", "90s"), ("8760h", "8760h")],
        refused: ["", "0s", "999ms", "30", "8761h", "never", "-1s"], effects: [.readings])
    case .rulesDirectory:
      Example(
        byDefault: "/etc/mcastd/rules.d", values: ["/etc/mcastd/a", "/etc/mcastd/b", "/etc/mcastd/c"],
        accepted: [("/run/rules", "/run/rules")], refused: ["", "rules.d", "./rules.d", "~/rules.d"],
        effects: [.rules])
    case .metricsInterval:
      Example(
        byDefault: "0", values: ["1s", "15s", "1min"],
        accepted: [("0", "0"), ("0s", "0"), ("60s", "1min"), ("1h", "1h")],
        refused: ["", "999ms", "15", "61min", "-1s", "no"], effects: [.metrics])
    case .receiveBuffer:
      Example(
        byDefault: "4MiB", values: ["1MiB", "2MiB", "3MiB"],
        accepted: [
          ("4096", "4KiB"), ("512KiB", "512KiB"), ("4M", "4MiB"), ("1G", "1GiB"), ("1.5MiB", "1536KiB"),
          ("65537", "65537"), ("8 mib", "8MiB"),
        ],
        refused: [
          "", "4095", "1073741825", "2GiB", "4MB", "4kB", "M", "4MiB 1KiB", "4096.5", "-4M",
          "9999999999999999999G",
        ],
        effects: [.receiveBuffer])
    case .logRate:
      Example(
        byDefault: "100", values: ["21", "22", "23"], accepted: [("0", "0"), ("1000000", "1000000")],
        refused: ["", "-1", "1000001", "100/s"], effects: [.datagramLog])
    case .logBurst:
      Example(
        byDefault: "1000", values: ["21", "22", "23"], accepted: [("0", "0"), ("1000000", "1000000")],
        refused: ["", "1000001"], effects: [.datagramLog])
    case .logOwn: .yesNo([.datagramLog])
    case .logHeartbeats:
      Example(
        byDefault: "yes", values: ["own", "yes", "no"],
        accepted: Example.yesNo([]).accepted + [("own", "own"), ("OWN", "own")],
        refused: Example.yesNo([]).refused + ["own,no", "others"], effects: [.datagramLog])
    case .logQueue:
      Example(
        byDefault: "32MiB", values: ["1MiB", "2MiB", "3MiB"],
        accepted: [("64KiB", "64KiB"), ("1GiB", "1GiB"), ("65536", "64KiB")],
        refused: ["", "65535", "63KiB", "1025MiB"], effects: [.datagramLog])
    case .logLevel:
      Example(
        byDefault: "info", values: ["error", "warning", "debug"],
        accepted: [("error", "error"), ("warning", "warning"), ("Notice", "notice"), ("debug", "debug")],
        refused: ["", "info,debug", "6", "verbose"], effects: [.logLevel])
    case .peersMax:
      Example(
        byDefault: "4096", values: ["21", "22", "23"], accepted: [("16", "16"), ("1000000", "1000000")],
        refused: ["", "15", "1000001"], effects: [.peers])
    case .peersExpected:
      Example(
        byDefault: "none", values: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
        accepted: [
          ("none", "none"), ("10.0.0.5", "10.0.0.5"), ("10.0.0.5, 10.0.0.6,10.0.0.5", "10.0.0.5,10.0.0.6"),
          (addresses(1000), addresses(1000)),
          ("ups1,10.0.0.5, db-2.example.org", "ups1,10.0.0.5,db-2.example.org"),
        ],
        refused: [
          "", "any", "None", "none,10.0.0.5", "239.1.1.1", "0.0.0.0", "255.255.255.255", "10.0.0.5,",
          "10.0.0.5 10.0.0.6", "ups_1", "10.0.0.256", "10.0.0.5:5001", "10.0.0.0/24", "fe80::1%eth0",
          "ff02::1",
          addresses(1001),
        ],
        effects: [.peers])
    case .peersFalseAlarms:
      Example(
        byDefault: "1/y", values: ["2/y", "1/d", "0.5/h"],
        accepted: [("0.001/y", "0.001/y"), ("100/h", "100/h"), (" 0.50/d\t", "0.5/d"), ("007/y", "7/y")],
        refused: ["", "1", "0/y", "1/w", "1 /y", "1/Y", "-1/y", "101/h", "0.0001/y", "1.2345/d", "1/y 2/y"],
        effects: [.peers])
    }
  }
}

// What several keys have in common.
extension Example {
  fileprivate static func group(_ effects: Set<ReloadEffect>) -> Example {
    Example(
      byDefault: "239.1.1.1", values: ["239.0.0.1", "239.0.0.2", "239.0.0.3"],
      accepted: [
        ("224.0.0.1", "224.0.0.1"), ("239.255.255.255", "239.255.255.255"), ("FF15:0::1", "ff15::1"),
        (" 239.7.7.7\t", "239.7.7.7"),
      ],
      refused: [
        "", "x", "10.0.0.1", "223.255.255.255", "240.0.0.0", "::1", "::ffff:239.1.1.1", "239.1.1.1:5001",
        "[ff15::1]", "ff02::1%eth0", "239.1.1", "239.1.1.1 239.1.1.2",
      ],
      effects: effects)
  }

  fileprivate static func port(_ effects: Set<ReloadEffect>) -> Example {
    Example(
      byDefault: "5001", values: ["21", "22", "23"],
      accepted: [("1", "1"), ("65535", "65535"), ("05001", "5001")],
      refused: [
        "", "0", "65536", "70000", "-1", "+5001", "5001 # comment", "abc", "0x10", "５００１", "1e3",
      ],
      effects: effects)
  }

  fileprivate static func interface(_ effects: Set<ReloadEffect>) -> Example {
    let longest = String(repeating: "n", count: 127)
    return Example(
      byDefault: "auto", values: ["a", "b", "c"],
      accepted: [
        ("auto", "auto"), ("eth0", "eth0"), ("eth0, eth1,eth0", "eth0,eth1"),
        ("192.0.2.1,lo", "192.0.2.1,lo"),
        ("fe80::1", "fe80::1"), ("eth0.100", "eth0.100"), ("abcdefghijklmno", "abcdefghijklmno"), ("7", "7"),
        (longest, longest),
      ],
      refused: [
        "", "eth0,", ",", "eth0,,eth1", "auto,eth0", longest + "n", "a/b", "a b", "a:b", ".", "..",
        "10.0.0.300", "192.0.2.1.", "239.1.1.1", "0.0.0.0", "::", "fe80::zz", "eth\u{1b}0", "eth\u{202e}0",
      ],
      effects: effects)
  }

  fileprivate static func yesNo(_ effects: Set<ReloadEffect>) -> Example {
    Example(
      byDefault: "yes", values: ["no", "yes", "no"],
      accepted: ["yes", "Yes", "true", "on", "1"].map { ($0, "yes") }
        + ["no", "NO", "false", "off", "0"].map { ($0, "no") },
      refused: ["", "maybe", "2", "yes no"], effects: effects)
  }
}

/// So many different addresses.
private func addresses(_ count: Int) -> String {
  (0..<count).map { "10.0.\($0 / 250).\($0 % 250 + 1)" }.joined(separator: ",")
}
