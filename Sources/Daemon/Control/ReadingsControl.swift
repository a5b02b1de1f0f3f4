// SPDX-License-Identifier: Apache-2.0

import Control
import Facts
import Heartbeat
import Platform
import Varlink

// The replies to `ListReadings`, `SetReadings` and `UnsetReadings`.

extension Subscriber {
  /// Hosts whose readings are copied in one turn of the loop.
  private static let slice = 64

  /// What hosts say, in no order.
  ///
  /// - Parameter hosts: Their names; nil or none for all.
  nonisolated func listReadings(of hosts: [String]?) async -> VarlinkParameters {
    var names = (hosts ?? []).compactMap { HostName($0) }
    if hosts?.isEmpty != false { names = await read { $0.monitor.facts.names } }
    guard var list = VarlinkParameters.ListEncoder(NoParameters(), list: "readings") else { return .none }
    for part in names.slices(of: Self.slice) {
      for report in await read({ $0.readings(of: part) }) { _ = list.append(ReadingReply(report)) }
    }
    return list.finish()
  }
}

extension ReceivePipeline {
  /// The readings of some hosts as they are now.
  func readings(of hosts: some Sequence<HostName>) -> [ReadingReport] {
    let now = Clocks.monotonic()
    return hosts.flatMap { monitor.facts.reports(of: $0, at: now) }
  }
}

extension Daemon {
  /// - Throws: `ReadingRefused`.
  func set(
    _ parameters: ControlInterface.SetReadingsParameters
  ) async throws(VarlinkError) -> SetReadingsReply {
    guard settings.name.name != nil else {
      throw Self.refused(
        "this host has no name, under which others would know what it says: set name= in mcastd.conf, "
          + "for example name=auto, and reload")
    }
    if let span = parameters.forUsec, span <= 0 { throw Self.refused("forUsec must be above 0") }
    do throws(OwnReadings.Refusal) {
      var new: [Reading] = []
      for reading in parameters.readings {
        new.append(
          try OwnReadings.reading(reading.key, reading.value, isDrill: parameters.test ?? false))
      }
      let leftOut = try await readings.set(new, for: parameters.forUsec.map { Int64(microseconds: $0) })
      return SetReadingsReply(
        warnings: leftOut.map { "there is no room for \($0.word) in a heartbeat: it is not sent" }
          + (settings.publish.enabled ? [] : ["publish.enabled is no: nothing is sent"]))
    } catch {
      throw Self.refused("\(error)")
    }
  }

  /// - Throws: `ReadingRefused`.
  func unset(
    _ parameters: ControlInterface.UnsetReadingsParameters
  ) async throws(VarlinkError) -> SetReadingsReply {
    do throws(OwnReadings.Refusal) {
      var ids: [Reading.ID] = []
      for key in parameters.keys { ids.append(try OwnReadings.id(key, isDrill: parameters.test ?? false)) }
      let unknown = await readings.unset(ids)
      return SetReadingsReply(warnings: unknown.map { "\($0.word) was not set" })
    } catch {
      throw Self.refused("\(error)")
    }
  }

  private static func refused(_ reason: String) -> VarlinkError {
    ControlInterface.Failure.readingRefused.error(reason: reason)
  }
}
