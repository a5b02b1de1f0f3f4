// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Heartbeat
import Multicast
import Platform
import Settings

/// `mcastd watch`: shows received datagrams, by a subscription of its own. Needs no daemon and no privilege.
package enum Watch {
  package struct Options: Sendable {
    package var json: Bool
    /// Number of datagrams to end after.
    package var count: Int?
    /// Time to end after.
    package var time: Duration?
    /// The runtime directory of this host's daemon, whose states are shown; nil for none.
    package var directory: String?

    package init(json: Bool, count: Int?, time: Duration?, directory: String? = nil) {
      self.directory = directory
      self.json = json
      self.count = count
      self.time = time
    }
  }

  /// Watches until finished or interrupted: a live view on a terminal, lines otherwise. Call it from the main
  /// thread, before other threads exist.
  ///
  /// - Returns: the exit status.
  package static func run(sources: SettingsSources, options: Options) -> Int32 {
    Signals.service.block()
    Signals.ignoreBrokenPipes()
    let style = options.json || !Terminal.isThere ? nil : TerminalStyle(environment: variable)
    if style != nil { Signals.terminal.block() }
    let settings: Settings
    do throws(SettingsError) {
      settings = try Settings.load(sources)
    } catch {
      Console.printError(error)
      return ExitStatus.configuration
    }
    do throws(MulticastError) {
      let subscription = try WatchSubscription(settings)
      let proof = WatchedProof(
        keys(settings), group: subscription.group, capacity: settings.peersMax, zone: settings.timestamp,
        now: Clocks.monotonic())
      let exit = ExitSignal()
      if let style {
        let watch = LiveWatch(
          subscription, settings: settings, proof: proof, options: options, style: style, exit: exit)
        Task(executorPreference: watch.executor) { await watch.start() }
        return withExtendedLifetime(watch) { exit.wait() }
      }
      let watch = LineWatch(subscription, proof: proof, options: options, exit: exit)
      Task(executorPreference: watch.executor) { await watch.start() }
      return withExtendedLifetime(watch) { exit.wait() }
    } catch {
      let advice = error.startAdvice(settings.subscribe.group.family)
      Console.printError("error: \(error). \(advice)")
      return ExitStatus.systemRefused
    }
  }

  /// Nil where no file of keys is named, or this user may not read it, which is no reason to see nothing.
  private static func keys(_ settings: Settings) -> KeyRing? {
    do throws(SettingsError) {
      return try settings.keysToWatch()
    } catch {
      for line in error.lines { Console.printError("warning: who is authentic is not shown: \(line)") }
      return nil
    }
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

extension ExitSignal {
  /// Ends a watch on SIGINT, SIGTERM and SIGHUP, even if it is blocked in a write.
  ///
  /// - Parameters:
  ///   - limit: time for an orderly end, after which the process exits anyway.
  ///   - body: called for each signal; must start an orderly end.
  /// - Returns: the sources; keep a reference.
  func onSignal(
    within limit: Duration, _ body: @escaping @Sendable () -> Void
  ) -> [any DispatchSourceSignal] {
    // A separate queue, which no write can block.
    let queue = DispatchQueue(label: "mcastd.watch.exit")
    return Signals.service.sources(on: queue) { [self] _ in
      body()
      queue.asyncAfter(deadline: .now() + .nanoseconds(Int(limit.nanoseconds))) { [self] in
        end(ExitStatus.success)
      }
    }
  }
}
