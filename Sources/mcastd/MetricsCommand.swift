// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineTool
import Control
import Metrics

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Show counters and gauges in Prometheus' text format.",
    discussion: Examples.text([
      "mcastd metrics": "for people",
      "mcastd metrics --openmetrics --instance lab": "of mcastd@lab.service",
    ]))

  @Flag(help: "Print OpenMetrics.")
  var openmetrics = false

  @Flag(help: "Answer one HTTP request on standard input, as mcastd-metrics@.service does.")
  var http = false

  @Flag(help: "Serve io.systemd.Metrics on standard input, as mcastd-report@.service does.")
  var report = false

  @OptionGroup(title: "Daemon") var control: ControlOptions

  func validate() throws {
    if [openmetrics, http, report].count(where: { $0 }) > 1 {
      throw ValidationError("--openmetrics, --http and --report exclude one another: give one of them")
    }
  }

  func run() throws {
    if http { throw ExitCode(ControlClient.answerScrape(path: control.path)) }
    if report { throw ExitCode(ControlClient.serveReport(path: control.path)) }
    throw ExitCode(
      ControlClient.printMetrics(openmetrics ? .openMetrics : .prometheus, path: control.path))
  }
}
