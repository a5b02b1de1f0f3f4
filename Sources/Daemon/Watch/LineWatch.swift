// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop
import Glibc
import Multicast

/// `mcastd watch` where there is no terminal, or JSON is wanted: a line a datagram.
actor LineWatch {
  private nonisolated let executor = QueueExecutor(label: "mcastd.watch")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let subscription: WatchSubscription
  private let options: Watch.Options
  private let ending: WatchEnding
  private var monitor: InterfaceMonitor?
  private var source: (any DispatchSourceRead)?
  private var timer: (any DispatchSourceTimer)?
  private var signals: [any DispatchSourceSignal] = []
  private var received = 0
  private var isAnnounced = false

  init(_ subscription: sending WatchSubscription, options: Watch.Options, ending: WatchEnding) {
    self.subscription = subscription
    self.options = options
    self.ending = ending
  }

  func start() {
    signals = Signals.sources(on: executor.queue) { [weak self] _ in
      self?.assumeIsolated { $0.end(ExitStatus.success) }
    }
    do throws(MulticastError) {
      let monitor = try InterfaceMonitor(queue: executor.queue) { [weak self] in
        self?.assumeIsolated { $0.join() }
      }
      monitor.activate()
      self.monitor = monitor
    } catch {
      Console.complain("warning: interfaces that come later will not be noticed: \(error)")
    }
    join()
    let source = DispatchSource.makeReadSource(
      fileDescriptor: subscription.descriptor, queue: executor.queue)
    source.setEventHandler { [unowned self] in assumeIsolated { $0.readable() } }
    source.activate()
    self.source = source
    if let time = options.time {
      let timer = DispatchSource.makeTimerSource(queue: executor.queue)
      timer.schedule(deadline: .now() + .nanoseconds(Int(time.nanoseconds)))
      timer.setEventHandler { [unowned self] in assumeIsolated { $0.endCounted() } }
      timer.activate()
      self.timer = timer
    }
  }

  /// Joins on what there is now.
  private func join() {
    do throws(MulticastError) {
      try subscription.join()
    } catch {
      Console.complain("warning: \(error)")
    }
    let isMember = !subscription.interfaces.isEmpty
    guard !isAnnounced || !isMember else { return }
    isAnnounced = isMember
    Console.complain("watching \(subscription.group) on \(subscription.place)")
  }

  private func readable() {
    var output: [UInt8] = []
    let limit = options.count ?? .max
    do throws(MulticastError) {
      _ = try subscription.drain { datagram, interface, _ in
        guard received < limit else { return }
        received += 1
        output += render(datagram, on: interface.name)
      }
    } catch {
      Console.complain("warning: \(error)")
    }
    // An error says that whoever read our output has had enough.
    let failure = Console.write(output, to: STDOUT_FILENO)
    if failure != 0 || received >= limit { end(ExitStatus.success) }
  }

  private func render(_ datagram: borrowing ReceivedDatagram, on interface: String) -> [UInt8] {
    options.json
      ? WatchedDatagram(datagram, group: subscription.group, interface: interface).json()
      : WatchedDatagram.line(datagram, interface: interface)
  }

  private func endCounted() {
    end(received == 0 ? ExitStatus.negative : ExitStatus.success)
  }

  private func end(_ status: Int32) {
    source?.cancel()
    timer?.cancel()
    ending.end(status)
  }
}
