// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Heartbeat
import Multicast
import Platform

/// `mcastd watch` without a terminal or with `--json`: one line per datagram.
actor LineWatch {
  /// How long exit waits for a blocked write.
  private static let patience = Duration.seconds(1)

  nonisolated let executor = QueueExecutor(label: "mcastd.watch")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let subscription: WatchSubscription
  /// Nil where nothing is proved.
  private var proof: WatchedProof?
  private let options: Watch.Options
  private let exit: ExitSignal
  private let output = LineOutput()
  private var monitor: InterfaceMonitor?
  private var source: PausableSource?
  private var timer: (any DispatchSourceTimer)?
  private var signals: [any DispatchSourceSignal] = []
  private var received = 0
  private var isAnnounced = false
  /// Whether a write is in progress. Nothing is read meanwhile: datagrams wait in the receive buffer.
  private var isWriting = false
  /// The exit status; nil while the watch runs.
  private var exitStatus: Int32?

  init(
    _ subscription: sending WatchSubscription, proof: WatchedProof?, options: Watch.Options, exit: ExitSignal
  ) {
    self.subscription = subscription
    self.proof = proof
    self.options = options
    self.exit = exit
  }

  func start() {
    let queue = executor.queue
    signals = exit.onSignal(within: Self.patience * 2) { [weak self] in
      queue.async { [weak self] in self?.assumeIsolated { $0.end(ExitStatus.success) } }
    }
    do throws(MulticastError) {
      let monitor = try InterfaceMonitor(queue: executor.queue) { [weak self] in
        self?.assumeIsolated { $0.join() }
      }
      monitor.activate()
      self.monitor = monitor
    } catch {
      Console.printError("warning: interfaces that come later will not be noticed: \(error)")
    }
    join()
    source = PausableSource(
      DispatchSource.makeReadSource(fileDescriptor: subscription.descriptor, queue: queue),
      keeping: subscription
    ) { [unowned self] in assumeIsolated { $0.readable() } }
    source?.setRunning(true)
    if let time = options.time {
      let timer = DispatchSource.makeTimerSource(queue: executor.queue)
      timer.schedule(deadline: .now() + .nanoseconds(Int(time.nanoseconds)))
      timer.setEventHandler { [unowned self] in assumeIsolated { $0.endCounted() } }
      timer.activate()
      self.timer = timer
    }
  }

  /// Joins on the current interfaces.
  private func join() {
    do throws(MulticastError) {
      try subscription.follow()
    } catch {
      Console.printError("warning: \(error)")
    }
    let isMember = !subscription.interfaces.isEmpty
    guard !isAnnounced || !isMember else { return }
    isAnnounced = isMember
    Console.printError("watching \(subscription.group)\(isMember ? " on " : ", ")\(subscription.place)")
  }

  private func readable() {
    // An event may have been in flight when the source was suspended.
    guard !isWriting, exitStatus == nil else { return }
    var lines: ConsoleText = ""
    let limit = options.count ?? .max
    do throws(MulticastError) {
      try subscription.drain { datagram, interface in
        guard received < limit else { return }
        received += 1
        var proved: Proof?
        if let outline = Heartbeat.read(datagram.payload) {
          proved =
            proof?.judge(
              of: datagram, outline, on: Int32(truncatingIfNeeded: datagram.interfaceIndex),
              now: Clocks.monotonic()
            ).proof
        }
        lines += render(datagram, proved, on: interface.name)
      }
    } catch {
      Console.printError("warning: \(error)")
    }
    guard !lines.isEmpty else { return }
    isWriting = true
    source?.setRunning(false)
    let queue = executor.queue
    output.print(lines) { [weak self] in
      queue.async { [weak self] in self?.assumeIsolated { $0.written() } }
    }
  }

  private func written() {
    isWriting = false
    source?.setRunning(true)
    if let exitStatus { return exit.end(exitStatus) }
    // Broken: standard output was closed by its reader, or cannot be written.
    if Console.isBroken || received >= options.count ?? .max { end(ExitStatus.success) }
  }

  private func render(
    _ datagram: borrowing ReceivedDatagram, _ proof: Proof?, on interface: String
  ) -> ConsoleText {
    options.json
      ? WatchedDatagram(datagram, proof, group: subscription.group, interface: interface).json()
      : WatchedDatagram.line(datagram, proof, interface: interface)
  }

  private func endCounted() {
    end(received == 0 ? ExitStatus.negative : ExitStatus.success)
  }

  private func end(_ status: Int32) {
    guard exitStatus == nil else { return }
    exitStatus = status
    source?.cancel()
    timer?.cancel()
    guard isWriting else { return exit.end(status) }
    executor.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(Self.patience.nanoseconds))) { [exit] in
      exit.end(status)
    }
  }
}
