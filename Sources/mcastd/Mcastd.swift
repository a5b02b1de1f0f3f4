// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Platform

/// The command line. Without a command it prints help, so that only `run` sends heartbeats.
struct Mcastd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcastd",
    abstract: "Publishes and records heartbeats and datagrams of a multicast group.",
    version: Version.current,
    subcommands: [
      DemoCommand.self, RunCommand.self, CheckCommand.self, StatusCommand.self, PeersCommand.self,
      ReadingsCommand.self,
      SetCommand.self, UnsetCommand.self, RulesCommand.self, MonitorCommand.self, MetricsCommand.self,
      ReloadCommand.self, WatchCommand.self, DoctorCommand.self, KeyCommand.self,
    ])
}
