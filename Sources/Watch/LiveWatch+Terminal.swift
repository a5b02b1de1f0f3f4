// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Platform

// Terminal set-up and restoration, job control and keys.
extension LiveWatch {
  /// Starts drawing, unless another job is in the foreground. Datagrams are counted either way.
  func takeTerminal() {
    guard !isOver, !terminal.isEntered, terminal.isForeground else { return }
    guard terminal.enter() == 0 else { return end(ExitStatus.success) }
    shown = nil
    guard terminal.hasKeys else { return }
    let keyboard = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: executor.queue)
    keyboard.setEventHandler { [unowned self] in assumeIsolated { $0.pressed() } }
    keyboard.activate()
    self.keyboard = keyboard
  }

  private func giveTerminal() {
    keyboard?.cancel()
    keyboard = nil
    terminal.leave()
  }

  /// Handles a new window size, Ctrl-Z (SIGTSTP) and continuation (SIGCONT).
  func terminalChanged(_ signal: Int32) {
    switch signal {
    case SIGTSTP:
      giveTerminal()
      Signals.stopProcess()
    case SIGCONT:
      // SIGSTOP cannot be caught: the terminal was not restored, and the shell has changed it since.
      giveTerminal()
      takeTerminal()
      draw()
    default:
      draw()
    }
  }

  private func pressed() {
    // After `bg` input belongs to the shell.
    guard terminal.isForeground else { return giveTerminal() }
    guard let bytes = terminal.readKeys() else { return end(ExitStatus.success) }
    for key in keys.read(bytes) {
      // Ctrl-L
      if key == .character(0x0c) { shown = nil }
      if view.press(key) { return end(ExitStatus.success) }
    }
    draw()
  }
}
