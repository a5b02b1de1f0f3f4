// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Heartbeat
import Multicast
import Platform

/// The five hosts, their network, and their files.
final class DemoGroup {
  static let upses = ["ups1", "ups2", "ups3"]
  static let racks = ["rack1", "rack2"]
  static let names = upses + racks

  let network: any DemoNetwork
  let hosts: [DemoHost]
  private let directory: String

  /// `systemd/examples/fans-off.rule`, with shorter times: a minute must do.
  static let rule = """
    description=On battery and cool: stop the fans, spare the UPS
    when=2 of ups1,ups2,ups3: ups.status has OB
    when=all of rack1,rack2: temp.inlet < 27C
    for=1s
    until=2 of ups1,ups2,ups3: ups.status has OL
    until=any of rack1,rack2: temp.inlet >= 30C
    release-for=1s
    on-unknown=release
    authenticated=yes

    """

  /// - Throws: where no directory can be made.
  init(on network: any DemoNetwork) throws(DemoFailure) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/mcastd-demo.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw .system(FileFailure(call: "mkdtemp", path: parent, errno: errno))
    }
    let directory = String(cString: made)
    (self.network, self.directory) = (network, directory)
    hosts = Self.names.map { DemoHost($0, in: directory) }
  }

  func hosts(_ names: [String]) -> [DemoHost] { hosts.filter { names.contains($0.name) } }

  /// Starts all daemons, with a key that they share.
  ///
  /// - Parameter program: The path of mcastd.
  func start(_ program: String) throws(DemoFailure) {
    let keys = "\(directory)/keys"
    var random = SystemRandomNumberGenerator()
    let time = CivilTime(realtime: Clocks.realtime(), zone: .utc)
    let key = NewKey.lines(.hmacSHA256, at: time, using: &random) ?? ""
    try withSystem { () throws(FileFailure) in
      try RuntimeFile.replace(keys, mode: 0o600, with: key)
    }
    // A group that nobody else is in, on a port that is free: lo is shared with this machine's programs.
    let settings = [
      "interface=\(network.interface)", "group=239.255.\(getpid() >> 8 & 255).\(getpid() & 255)",
      "port=\(try Self.freePort())", "auth.mode=require", "auth.keys=\(keys)", "log.heartbeats=no",
    ]
    for host in hosts {
      try network.on(host) { () throws(DemoFailure) in
        try host.start(program, settings: settings, rule: Self.rule)
      }
    }
  }

  private static func freePort() throws(DemoFailure) -> UInt16 {
    guard let socket = try? OwnedSocket(.ipv4),
      Endpoint(IPAddress(family: .ipv4, high: 0, low: 0), port: 0).withSockaddr({
        bind(socket.descriptor, $0, $1)
      }) == 0,
      let port = socket.localEndpoint?.port
    else { throw .system(FileFailure(call: "bind", path: "a free UDP port", errno: errno)) }
    return port
  }

  /// Ends all daemons and removes their files.
  func remove() {
    for host in hosts {
      host.send(SIGTERM)
      host.send(SIGCONT)
    }
    let end = ContinuousClock.now + .seconds(5)
    while hosts.contains(where: { !$0.hasEnded }) {
      if ContinuousClock.now > end { for host in hosts { host.send(SIGKILL) } }
      usleep(10_000)
    }
    try? FileManager.default.removeItem(atPath: directory)
  }
}
