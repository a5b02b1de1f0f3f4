// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Platform

// Taking the terminal and giving it back, and what its user does.
extension LiveWatch {
  /// Draws from now on, unless another job has the terminal: then nothing is drawn, and nothing missed
  /// either.
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

  /// The window has another size, Ctrl-Z was pressed, or the process goes on after it.
  func terminalChanged(_ signal: Int32) {
    switch signal {
    case SIGTSTP:
      giveTerminal()
      Signals.stopProcess()
    case SIGCONT:
      // Where SIGSTOP stopped us nobody gave the terminal back, and the shell has changed it since.
      giveTerminal()
      takeTerminal()
      draw()
    default:
      draw()
    }
  }

  private func pressed() {
    // Input that comes after `bg` is the shell's.
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
