// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Platform
import Testing

extension SystemTests {
  /// Prometheus' own tool on the files of `packaging/prometheus`.
  struct PrometheusFilesTests {
    private let directory = Repository.path("/packaging/prometheus")

    @Test("promtool takes the alerts and the configuration, and every case of the alerts holds")
    func files() async throws {
      for arguments in [
        ["check", "rules", "mcastd-alerts.yml"], ["check", "config", "prometheus.yml"],
        ["test", "rules", "mcastd-alerts-test.yml"],
      ] {
        let file = "\(directory)/\(arguments[2])"
        try await ChildProcess.run(["promtool"] + arguments.prefix(2) + [file]).checked()
      }
    }

    @Test("Prometheus can parse what the dashboard asks")
    func dashboard() async throws {
      let text = Data(lines(of: "\(directory)/mcastd-dashboard.json").joined(separator: "\n").utf8)
      var expressions: [String] = []
      collect(try JSONDecoder().decode(JSONValue.self, from: text), into: &expressions)
      #expect(expressions.count > 30)
      let rules = expressions.enumerated().map { number, expression in
        let plain = expression.replacing("$__rate_interval", with: "1m")
        return "  - {record: \"a:\(number)\", expr: '\(plain)'}\n"
      }
      let path = "\(try TestRun.current.get().directory)/dashboard.yml"
      try await ChildProcess.run(
        ["install", "/dev/stdin", path],
        input: Array("groups:\n- name: dashboard\n  rules:\n\(rules.joined())".utf8)
      ).checked()
      let output = try await ChildProcess.run(["promtool", "check", "rules", path]).checked()
      #expect(output.text.contains("SUCCESS: \(rules.count) rules found"), "\(output)")
    }

    private func collect(_ json: JSONValue, into expressions: inout [String]) {
      switch json {
      case .object(let object):
        if case .string(let expression)? = object["expr"] { expressions.append(expression) }
        for value in object.values { collect(value, into: &expressions) }
      case .array(let values): for value in values { collect(value, into: &expressions) }
      default: break
      }
    }
  }
}
