// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Platform
@testable import Varlink

/// An implementation that shares no line with ours: the PyPI package `varlink`.
@Suite("Python's varlink.cli", .enabled(if: PythonClient.runs, PythonClient.need))
struct PythonClientTests {
  @Test("it lists what the service is and has")
  func info() async throws {
    let answer = try await ask { ["info", "unix:\($0)"] }
    #expect(answer.status == 0)
    for line in ["Vendor: Example", "Product: test", "Version: 1", "URL: https://example.org"] {
      #expect(answer.output.contains(line))
    }
    #expect(answer.output.contains("org.varlink.service"))
    #expect(answer.output.contains("org.example.test"))
  }

  @Test("it shows the interfaces' definitions", arguments: ["org.varlink.service", "org.example.test"])
  func help(interface: String) async throws {
    let answer = try await ask { ["help", "unix:\($0)/\(interface)"] }
    #expect(answer.status == 0)
    #expect(answer.output.contains("interface \(interface)"))
    #expect(answer.output.contains("method "))
  }

  @Test("it calls a method, having read its definition")
  func call() async throws {
    let answer = try await ask { ["call", "unix:\($0)/org.example.test.Echo", #"{"text": "grüß dich"}"#] }
    #expect(answer.status == 0)
    // It prints ASCII.
    #expect(answer.output.contains(#""text": "gr\u00fc\u00df dich""#))
  }

  @Test("it calls GetInfo and GetInterfaceDescription")
  func service() async throws {
    let info = try await ask { ["call", "unix:\($0)/org.varlink.service.GetInfo", "{}"] }
    #expect(info.status == 0)
    #expect(info.output.contains(#""product": "test""#))
    let description = try await ask {
      [
        "call", "unix:\($0)/org.varlink.service.GetInterfaceDescription",
        #"{"interface": "org.example.test"}"#,
      ]
    }
    #expect(description.status == 0)
    #expect(description.output.contains("method Echo(text: string) -> (text: string)"))
  }

  @Test("it sees the service's errors")
  func error() async throws {
    let failed = try await ask { ["call", "unix:\($0)/org.example.test.Fail", "{}"] }
    #expect(failed.output.contains("org.example.test.Failed"))
    #expect(failed.output.contains("because"))
  }

  private func ask(_ arguments: @escaping @Sendable (String) -> [String]) async throws -> Command {
    let fixture = try await Fixture()
    let path = fixture.path
    let answer = try await blocking {
      // A C locale would have Python read its arguments as ASCII.
      try Command.run(
        ["env", "PYTHONUTF8=1", "timeout", "20", "python3", "-m", "varlink.cli"] + arguments(path))
    }
    await fixture.server.stop()
    return answer
  }
}

enum PythonClient {
  static let need: Comment = "needs python3 with the PyPI package varlink (pip install varlink)"

  /// Whether it is there; where tests must not be skipped they run, and fail without it.
  static let runs: Bool =
    getenv("MCASTD_REQUIRE_SYSTEM_TESTS").map { String(cString: $0) } == "1"
    || (try? Command.run(["python3", "-c", "import varlink.cli"]))?.status == 0
}
