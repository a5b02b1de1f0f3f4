// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// `mcastd demo`: five hosts on this machine, and what they do when cables, switch and mains fail.
package enum Demo {
  /// Runs it, on the main thread before any other thread exists.
  ///
  /// - Parameter onLoopback: Uses lo in place of network namespaces; without those it does so by itself.
  /// - Returns: the exit status: success where every step was seen.
  package static func run(onLoopback: Bool) -> Int32 {
    Signals.service.block()
    Signals.ignoreBrokenPipes()
    let console = DemoConsole()
    guard let program = Spawn.ownProgram() else {
      Console.printError("cannot find its own program: /proc is needed")
      return ExitStatus.systemRefused
    }
    do throws(DemoFailure) {
      let group = try DemoGroup(on: network(onLoopback: onLoopback, console))
      defer { group.remove() }
      try DemoPlay(group, console).run(program)
    } catch {
      return report(error)
    }
    console.say(
      "All of it is removed again. On real hosts: `name=auto` in /etc/mcastd/mcastd.conf of each, and "
        + "`mcastd watch`."
    )
    return ExitStatus.success
  }

  private static func network(onLoopback: Bool, _ console: DemoConsole) -> any DemoNetwork {
    guard !onLoopback else { return LoopbackNetwork() }
    do throws(DemoFailure) {
      return try SwitchedNetwork(hosts: DemoGroup.names)
    } catch {
      console.say("No network namespaces can be used here (\(error)), so lo must do.")
      return LoopbackNetwork()
    }
  }

  private static func report(_ failure: DemoFailure) -> Int32 {
    if case .interrupted(let signal) = failure { return 128 + signal }
    Console.printError("demo: \(failure)")
    return ExitStatus.negative
  }
}
