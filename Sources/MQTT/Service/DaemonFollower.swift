// SPDX-License-Identifier: Apache-2.0

import Control
import Glibc
import Platform
import Varlink

/// Follows the daemon by `io.mcastd.Monitor`, on a thread of its own, and calls again each second where
/// there is none.
struct DaemonFollower: Sendable {
  private static let timeout = Duration.seconds(5)

  let core: BridgeCore
  /// Of the control socket.
  let path: String

  /// Runs until the bridge stops.
  func run() {
    while !core.isStopping {
      core.isAlive(.daemon)
      do throws(VarlinkClientError) {
        switch try follow() {
        case .interrupted: return
        case .stopped: continue
        case .finished: note("it ended the call")
        }
      } catch .error(ControlInterface.Failure.overrun.qualifiedName, _) {
        continue
      } catch {
        note(Self.reason(error))
      }
      core.change { $0.bridge.daemonLost() }
      Poll.wait(for: POLLIN, on: [core.stop], atMost: .seconds(1))
    }
  }

  /// Takes a snapshot and what happens after it.
  ///
  /// - Returns: `stopped` where another snapshot is to be asked for, as the daemon has another configuration;
  ///   `interrupted` where the bridge stops.
  private func follow() throws(VarlinkClientError) -> VarlinkClient.StreamEnd {
    let client = try VarlinkClient.connect(path, timeout: Self.timeout)
    core.change { $0.bridge.snapshotBegins() }
    let pulse = { core.isAlive(.daemon) }
    return try client.stream(
      ControlInterface.Method.monitor.qualifiedName, reply: MonitorReply.self, timeout: Self.timeout,
      interrupt: core.stop, pulse: pulse
    ) { reply in
      let news = core.change { state in
        state.bridge.take(reply)
        return state.bridge.takeNews()
      }
      for item in news { tell(item) }
      if reply.event == MonitorReply.Snapshot.complete.rawValue { note(nil) }
      return reply.event != MonitorReply.configurationApplied
    }
  }

  /// - Parameter why: Nil where the daemon is there.
  private func note(_ why: String?) {
    let isNews = core.change { state in
      state.whyNoDaemon = why
      defer { state.isDaemonTold = why == nil }
      return state.isDaemonTold != (why == nil)
    }
    guard isNews else { return }
    if let why {
      let unit = ControlSocket.unit(at: path).map { "; see `systemctl status \($0)`" } ?? ""
      BridgeLog.write(
        .warning, "no daemon at \(path): \(why)\(unit). Its values are removed until it is back.")
    } else {
      BridgeLog.write(.info, "following the daemon at \(path)")
    }
  }

  private func tell(_ news: Bridge.News) {
    switch news {
    case .tooManyTopics(let limit):
      BridgeLog.write(.warning, "more than \(limit) hosts, readings and rules: the rest is not published")
    case .namesake(let host):
      BridgeLog.write(
        .warning,
        "the host \(host) is not published, for its topics would be the bridge's own: name it otherwise")
    }
  }

  private static func reason(_ error: VarlinkClientError) -> String {
    switch error {
    case .noDaemon(_, let errno): "nobody listens there (\(errnoText(errno)))"
    case .closed: "it has stopped, or closed the connection"
    case .timedOut: "it does not answer"
    case .error(ControlInterface.Failure.busy.qualifiedName, _): "it has too many callers"
    case .system(let call, _, let errno): "\(call): \(errnoText(errno))"
    default: "\(error)"
    }
  }
}
