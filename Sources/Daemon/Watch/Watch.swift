// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop
import Glibc
import Multicast
import Settings
import Synchronization

/// `mcastd watch`: a subscription of its own that shows what arrives. Needs no daemon and no privilege.
package actor Watch {
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

  private nonisolated let executor = QueueExecutor(label: "mcastd.watch")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let settings: Settings
  private let options: Options
  private let receiver: MulticastReceiver
  private var members: [UInt32: NetworkInterface] = [:]
  private var monitor: InterfaceMonitor?
  private var source: (any DispatchSourceRead)?
  private var timer: (any DispatchSourceTimer)?
  private var signals: [any DispatchSourceSignal] = []
  private var received = 0
  private var isAnnounced = false
  private nonisolated let finished = DispatchSemaphore(value: 0)
  private nonisolated let status = Atomic(ExitStatus.success)

  private init(settings: Settings, options: Options) throws(MulticastError) {
    self.settings = settings
    self.options = options
    receiver = try MulticastReceiver(
      group: settings.subscribe.endpoint, receiveBuffer: settings.receiveBuffer)
  }

  /// Watches until it is done or interrupted. To be called from the main thread, before there are others.
  ///
  /// - Returns: the exit status.
  package static func run(sources: SettingsSources, options: Options) -> Int32 {
    Signals.block()
    do {
      let watch = try Watch(settings: try Settings.load(sources), options: options)
      Task { await watch.start() }
      watch.finished.wait()
      return watch.status.load(ordering: .acquiring)
    } catch let error as SettingsError {
      Console.complain("error: \(error)")
      return ExitStatus.configuration
    } catch {
      Console.complain("error: \(error). \(StartAdvice.text((error as? MulticastError)?.errno))")
      return ExitStatus.systemRefused
    }
  }

  private func start() {
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
    let source = DispatchSource.makeReadSource(fileDescriptor: receiver.descriptor, queue: executor.queue)
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
    let direction = settings.subscribe
    do throws(MulticastError) {
      let table = try InterfaceTable.read()
      let route = try RouteQuery.interfaceIndex(to: direction.group)
      let wanted = InterfaceSelection.resolve(
        direction.interfaces, group: direction.group, table: table, route: route
      ).filter(\.isUp)
      for index in members.keys where !wanted.contains(where: { $0.index == index }) {
        receiver.leave(interfaceIndex: index)
        members[index] = nil
      }
      for interface in wanted {
        if members[interface.index] == nil {
          try receiver.join(interfaceIndex: interface.index, sources: settings.sources)
        }
        members[interface.index] = interface
      }
      announce()
    } catch {
      Console.complain("warning: \(error)")
    }
  }

  private func announce() {
    guard !isAnnounced || members.isEmpty else { return }
    isAnnounced = !members.isEmpty
    let place =
      members.isEmpty
      ? "waiting for \(settings.subscribe.interfaces)"
      : members.values.map(\.name).sorted().joined(separator: ", ")
    Console.complain("watching \(settings.subscribe.endpoint) on \(place)")
  }

  private func readable() {
    while true {
      var output: [UInt8] = []
      let limit = options.count
      let count: Int
      do throws(MulticastError) {
        count = try receiver.receive { datagram in
          guard datagram.destination == receiver.group.address,
            let interface = members[datagram.interfaceIndex], limit.map({ received < $0 }) ?? true
          else { return }
          received += 1
          output += render(datagram, on: interface.name)
        }
      } catch {
        Console.complain("warning: \(error)")
        return
      }
      write(output)
      if let limit, received >= limit { return end(ExitStatus.success) }
      if count < MulticastReceiver.batchSize { return }
    }
  }

  private func render(_ datagram: borrowing ReceivedDatagram, on interface: String) -> [UInt8] {
    options.json
      ? WatchedDatagram(datagram, group: receiver.group, interface: interface).json()
      : WatchedDatagram.line(datagram, interface: interface)
  }

  private func write(_ bytes: [UInt8]) {
    // An error says that whoever read our output has had enough.
    if Console.write(bytes, to: STDOUT_FILENO) != 0 { end(ExitStatus.success) }
  }

  private func endCounted() {
    end(received == 0 ? ExitStatus.negative : ExitStatus.success)
  }

  private func end(_ status: Int32) {
    source?.cancel()
    timer?.cancel()
    self.status.store(status, ordering: .releasing)
    finished.signal()
  }
}
