// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform
import Settings

/// `mcastd watch`: a subscription of its own that shows what arrives. Needs no daemon and no privilege.
package enum Watch {
  package struct Options: Sendable {
    package var json: Bool
    /// End after so many datagrams.
    package var count: Int?
    /// End after this time.
    package var time: Duration?

    package init(json: Bool, count: Int?, time: Duration?) {
      self.json = json
      self.count = count
      self.time = time
    }
  }

  /// Watches until it is done or interrupted: a live view on a terminal, lines otherwise. To be called from the main
  /// thread, before there are others.
  ///
  /// - Returns: the exit status.
  package static func run(sources: SettingsSources, options: Options) -> Int32 {
    Signals.block()
    let style = options.json || !Terminal.isThere ? nil : TerminalStyle(environment: variable)
    if style != nil { TerminalSignals.block() }
    do {
      let settings = try Settings.load(sources)
      let subscription = try WatchSubscription(settings)
      let ending = WatchEnding()
      if let style {
        let watch = LiveWatch(
          subscription, settings: settings, options: options, style: style, ending: ending)
        Task { await watch.start() }
        return withExtendedLifetime(watch) { ending.wait() }
      }
      let watch = LineWatch(subscription, options: options, ending: ending)
      Task { await watch.start() }
      return withExtendedLifetime(watch) { ending.wait() }
    } catch let error as SettingsError {
      Console.complain(error)
      return ExitStatus.configuration
    } catch {
      Console.complain("error: \(error). \(StartAdvice.text((error as? MulticastError)?.errno))")
      return ExitStatus.systemRefused
    }
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
