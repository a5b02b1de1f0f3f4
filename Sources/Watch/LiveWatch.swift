// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Heartbeat
import Multicast
import Platform
import Settings

/// `mcastd watch` on a terminal: feeds the model from the socket, and draws it a few times a second at any
/// load.
actor LiveWatch {
  /// Frame interval, in milliseconds: short enough for ages to move, long enough for ssh.
  private static let frame = 200
  /// How long a warning is shown in the last line (ns).
  private static let messageTime: Int64 = 10_000_000_000
  /// Between two looks at the states of rules (ns).
  private static let statesTime: Int64 = 1_000_000_000

  nonisolated let executor = QueueExecutor(label: "mcastd.watch")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  let subscription: WatchSubscription
  private let options: Watch.Options
  private let exit: ExitSignal
  private let renderer: FrameRenderer
  private let zone: TimestampZone
  var terminal = Terminal()
  var keys = KeyReader()
  var view: LiveView
  var model: LiveModel
  /// Current contents of the terminal; nil where unknown.
  var shown: Screen?
  private var messageUntil: Int64 = 0
  private var statesDue: Int64 = 0
  private var monitor: InterfaceMonitor?
  private var signals: [any DispatchSourceSignal] = []
  private var sources: [any DispatchSourceProtocol] = []
  /// Reads the keyboard while the terminal is entered; nil without a keyboard.
  var keyboard: (any DispatchSourceRead)?
  private(set) var isOver = false

  init(
    _ subscription: sending WatchSubscription, settings: Settings, proof: WatchedProof?,
    options: Watch.Options,
    style: TerminalStyle, exit: ExitSignal
  ) {
    model = LiveModel(
      group: subscription.group, wanted: "\(settings.subscribe.interfaces)", capacity: settings.peersMax,
      proof: proof, at: Self.now)
    zone = settings.timestamp
    model.setZone(settings.timestamp, at: Self.now.wall)
    self.subscription = subscription
    self.options = options
    self.exit = exit
    renderer = FrameRenderer(style: style)
    view = LiveView(hasKeys: terminal.hasKeys)
  }

  private static var now: LiveModel.Moment {
    .init(monotonic: Clocks.monotonic(), wall: Clocks.realtime())
  }

  // MARK: Starting

  func start() {
    let queue = executor.queue
    // `TerminalOutput.finish` waits up to 5 s for a stalled terminal.
    signals = exit.onSignal(within: .seconds(7)) { [weak self] in
      queue.async { [weak self] in self?.assumeIsolated { $0.end(ExitStatus.success) } }
    }
    signals += Signals.terminal.sources(on: queue) { [weak self] signal in
      self?.assumeIsolated { $0.terminalChanged(signal) }
    }
    do throws(MulticastError) {
      let monitor = try InterfaceMonitor(queue: queue) { [weak self] in
        self?.assumeIsolated { $0.join() }
      }
      monitor.activate()
      self.monitor = monitor
    } catch {
      warn("interfaces that come later will not be noticed: \(error)")
    }
    join()
    takeTerminal()
    let socket = DispatchSource.makeReadSource(fileDescriptor: subscription.descriptor, queue: queue)
    socket.setEventHandler { [unowned self] in assumeIsolated { $0.drain() } }
    let clock = DispatchSource.makeTimerSource(queue: queue)
    clock.schedule(
      deadline: .now(), repeating: .milliseconds(Self.frame), leeway: .milliseconds(Self.frame / 10))
    clock.setEventHandler { [unowned self] in assumeIsolated { $0.tick() } }
    sources = [socket, clock]
    if let time = options.time {
      let timer = DispatchSource.makeTimerSource(queue: queue)
      timer.schedule(deadline: .now() + .nanoseconds(Int(time.nanoseconds)))
      timer.setEventHandler { [unowned self] in assumeIsolated { $0.endCounted() } }
      sources.append(timer)
    }
    for source in sources { source.activate() }
  }

  /// Joins on the current interfaces.
  private func join() {
    do throws(MulticastError) {
      try subscription.follow()
    } catch {
      warn("\(error)")
    }
    model.setInterfaces(
      subscription.interfaces, awaited: subscription.awaited, at: Clocks.monotonic())
  }

  // MARK: Receiving

  private func drain() {
    model.noteDrops(subscription.takeDrops(), at: Clocks.monotonic())
    let limit = options.count ?? .max
    do throws(MulticastError) {
      try subscription.drain(
        begin: { model.begin(at: .init(monotonic: $0, wall: Clocks.realtime())) },
        { datagram, _ in
          guard model.traffic.datagrams < limit else { return }
          model.take(datagram)
        },
        end: { model.end($0) })
    } catch {
      warn("\(error)")
    }
    if model.traffic.datagrams >= limit { end(ExitStatus.success) }
  }

  /// What the daemon's rules do, from its files.
  private func lookAtStates(at now: Int64) {
    guard let directory = options.directory, now >= statesDue else { return }
    statesDue = now + Self.statesTime
    model.states = WatchedStates(in: directory)
  }

  // MARK: Drawing

  private func tick() {
    // First what waits in the socket: a heartbeat may be among it.
    drain()
    model.judge(at: Clocks.monotonic())
    model.setZone(zone, at: Clocks.realtime())
    lookAtStates(at: Clocks.monotonic())
    // For a job that returns to the foreground; `fg` also sends SIGCONT, and a repeated call is harmless.
    takeTerminal()
    draw()
  }

  /// Draws a frame, or skips it where the terminal accepts no more output.
  func draw() {
    guard terminal.isEntered, terminal.output.isReady() else { return }
    let now = Self.now
    if now.monotonic > messageUntil { view.message = nil }
    let screen = renderer.draw(model, &view, at: now, size: terminal.size)
    let update = ScreenUpdate.bytes(from: shown, to: screen, coloured: renderer.style.coloured)
    shown = screen
    // An error means that the terminal is gone.
    if !update.isEmpty, terminal.output.write(update) != 0 { end(ExitStatus.success) }
  }

  private func warn(_ text: String) {
    view.message = "warning: \(text)"
    messageUntil = Clocks.monotonic() + Self.messageTime
  }

  // MARK: Ending

  private func endCounted() {
    end(model.traffic.datagrams == 0 ? ExitStatus.negative : ExitStatus.success)
  }

  func end(_ status: Int32) {
    guard !isOver else { return }
    isOver = true
    for source in sources { source.cancel() }
    keyboard?.cancel()
    monitor?.cancel()
    terminal.leave(saying: model.summary(at: Clocks.monotonic()))
    exit.end(status)
  }
}
