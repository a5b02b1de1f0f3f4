// SPDX-License-Identifier: Apache-2.0

import Daemon
import Liveness
import Monitor
import Multicast
import Platform

// Files and memory.
extension Oracle {
  /// Memory and files, about once a minute.
  func audit(_ host: Host, _ process: DaemonProcess) {
    let liveness = process.reception.pipeline.monitor.liveness
    let peers = liveness.interfaces.counts.total
    // The tables share the capacity once a batch.
    let most =
      host.plan.capacity + host.plan.expected.count * host.ports.count
      + (host.ports.count - 1) * MulticastReceiver.batchSize
    if peers > most { world.fail(.memory, host: host.number, "\(peers) peers, of \(most) at most") }
    if liveness.names.count > 2 * host.ports.count + 1 {
      world.fail(.memory, host: host.number, "\(liveness.names.count) names of interfaces")
    }
    let used = process.journal.entries.used
    if used > host.plan.log.queue + 4096 {
      world.fail(.memory, host: host.number, "\(used) bytes wait for the journal")
    }
    if host.plan.keepsFiles, !process.reception.hasNews() { checkFiles(host, liveness) }
  }

  /// The files of peers of which something was told since the last call.
  func checkToldFiles(_ host: Host, _ process: DaemonProcess) {
    let told = toldSince[host.number]
    toldSince[host.number] = []
    let liveness = process.reception.pipeline.monitor.liveness
    guard host.plan.keepsFiles, !process.reception.hasNews(), world.now > host.filesDoubtfulUntil else {
      return
    }
    // Of strangers so many may change at once that some change again before they are told.
    for id in told where port(of: id.address) != nil {
      let reports =
        Self.isScoped(id.address)
        ? liveness.interfaces.report(of: id).map { [$0] } ?? [] : liveness.interfaces.reports(of: id.subject)
      var folder: PeerDirectory.Folder?
      for report in reports {
        folder = folder.map { Self.stronger($0, report.state.folder) } ?? report.state.folder
      }
      let name = Self.fileName(id, liveness.names)
      let place = host.folders.places[name]
      // Of an expected one there is a file without a peer.
      guard place != folder, folder != nil || liveness.expected.state(of: id.subject) == nil else { continue }
      world.fail(
        .files, host: host.number,
        "\(name) is \(folder?.rawValue ?? "no peer"), and its file in \(place?.rawValue ?? "no folder")")
    }
  }

  private static func isScoped(_ address: IPAddress) -> Bool {
    address.isLinkLocalUnicast && address.family == .ipv6
  }

  private static func fileName(_ id: PeerID, _ names: InterfaceNames) -> String {
    isScoped(id.address) ? "\(id.address)%\(names.name(of: id.interface))" : "\(id.address)"
  }

  private func checkFiles(_ host: Host, _ liveness: GroupLiveness) {
    // Of more than a hundred peers that change at once, some change twice before they are told once, and the
    // sink finds that by comparing a slice in ten seconds.
    guard !host.ports.contains(where: isFlooded), world.now > host.filesDoubtfulUntil else { return }
    var wanted: [String: PeerDirectory.Folder] = [:]
    for subject in liveness.expected.subjects {
      if let state = liveness.expected.state(of: subject) { wanted["\(subject)"] = state.folder }
    }
    liveness.interfaces.forEachPeer { report in
      let name = Self.fileName(report.id, liveness.names)
      let folder = report.state.folder
      // On several interfaces: alive on one is alive, and silent is silent on all.
      wanted[name] = wanted[name].map { Self.stronger($0, folder) } ?? folder
    }
    let places = host.folders.places
    for (name, folder) in wanted.sorted(by: { $0.key < $1.key }) where places[name] != folder {
      let place = places[name]?.rawValue ?? "no folder"
      world.fail(.files, host: host.number, "\(name) is \(folder.rawValue), and its file in \(place)")
    }
    for name in places.keys.sorted() where wanted[name] == nil {
      world.fail(.files, host: host.number, "\(name) has a file, and is no peer")
    }
    if host.folders.isNetworkSilent != !liveness.interfaces.networkSilent.isEmpty {
      world.fail(.files, host: host.number, "network-silent is \(host.folders.isNetworkSilent)")
    }
  }

  private static func stronger(
    _ one: PeerDirectory.Folder, _ other: PeerDirectory.Folder
  ) -> PeerDirectory.Folder {
    for folder in [PeerDirectory.Folder.alive, .unknown, .left, .silent]
    where one == folder || other == folder {
      return folder
    }
    return one
  }
}

extension PeerID {
  /// Simulated hosts have no names.
  var address: IPAddress { subject.address ?? .unspecified(.ipv4) }
}

extension PeerState {
  fileprivate var folder: PeerDirectory.Folder {
    switch self {
    case .alive, .late: .alive
    case .silent: .silent
    case .left: .left
    case .unknown: .unknown
    }
  }
}

extension World {
  func audit(_ host: Host) {
    timeline.add(.audit, at: now + .seconds(60), host: host.number)
    guard let process = host.process, host.stalledUntil <= now else { return }
    oracle.audit(host, process)
  }
}
