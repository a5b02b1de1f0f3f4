// SPDX-License-Identifier: Apache-2.0

/// Order and scroll position, as set by keys, and the current warning.
struct LiveView: Equatable, Sendable {
  var order = PeerOrder.state
  /// Index of the first peer shown; the renderer clamps it.
  var first = 0
  /// Rows for peers in the last frame.
  var visible = 0
  /// A warning, shown for a limited time.
  var message: String?
  /// Whether keys can be read.
  var hasKeys: Bool

  init(hasKeys: Bool) { self.hasKeys = hasKeys }

  /// - Returns: Whether the key quits.
  mutating func press(_ key: PressedKey) -> Bool {
    let page = max(1, visible - 1)
    switch key {
    // Ctrl-D: end of input.
    case .character(UInt8(ascii: "q")), .character(UInt8(ascii: "Q")), .character(0x04): return true
    case .character(UInt8(ascii: "s")):
      order = order.next
      first = 0
    case .down, .character(UInt8(ascii: "j")): first += 1
    case .up, .character(UInt8(ascii: "k")): first -= 1
    case .pageDown, .character(UInt8(ascii: " ")): first += page
    case .pageUp, .character(UInt8(ascii: "b")): first -= page
    case .home, .character(UInt8(ascii: "g")): first = 0
    case .end, .character(UInt8(ascii: "G")): first = .max / 2
    case .character: break
    }
    return false
  }
}
