// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// `mcastd watch`, which needs no daemon.
  struct WatchTests {
    @Test("prints a line a datagram, and ends after --count")
    func lines() async throws {
      try await NetworkNamespace.with { host in
        try await host.running(Repository.binary, "run", "--interface", "lo", "--interval", "100ms") { _ in
          let output = try await host.run(Repository.binary, "watch", "--interface", "lo", "--count", "3")
          #expect(output.status == .exited(0), "\(output)")
          #expect(output.lines.count == 3)
          #expect(
            output.lines.allSatisfy { $0.contains(" 127.0.0.1:") && $0.contains(" on lo, 30 bytes: ATU ") },
            "\(output)")
        }
      }
    }

    @Test("--json is an object a datagram, with the promised names")
    func json() async throws {
      try await NetworkNamespace.with { host in
        try await host.running(
          Repository.binary, "watch", "--interface", "lo", "--json", "--for", "10s", "--count", "2"
        ) { watch in
          // Nobody says when it has joined: send until it has heard.
          let input = "68656c6c6f\nff00\n"
          try await eventually("two datagrams heard") {
            try await host.run(
              "python3", Repository.peer("send"), input: Array(input.utf8)
            ).checked()
            return watch.lines.count >= 2 ? true : nil
          }
          let output = try await watch.exit()
          #expect(output.status == .exited(0))
          let objects = try output.lines.map {
            try JSONDecoder().decode(WatchedDatagram.self, from: Data($0.utf8))
          }
          #expect(objects.count == 2)
          for object in objects {
            #expect(object.group == "239.1.1.1" && object.port == 5001 && object.interface == "lo")
            #expect(object.source == "127.0.0.1" && object.kind == "datagram" && object.receivedUsec > 0)
          }
          #expect(objects.contains { $0.payload == "hello" && $0.payloadBase64 == nil && $0.size == 5 })
          #expect(objects.contains { $0.payload == nil && $0.payloadBase64 == "/wA=" && $0.size == 2 })
        }
      }
    }

    @Test("ends with 1 when nothing came in the time that was given")
    func nothing() async throws {
      try await NetworkNamespace.with { host in
        let output = try await host.run(Repository.binary, "watch", "--interface", "lo", "--for", "200ms")
        #expect(output.status == .exited(1), "\(output)")
        #expect(output.lines.isEmpty)
      }
    }
  }
}

private struct WatchedDatagram: Decodable {
  let receivedUsec: Int
  let source: String
  let sourcePort: Int
  let group: String
  let port: Int
  let interface: String
  let size: Int
  let kind: String
  let payload: String?
  let payloadBase64: String?
}
