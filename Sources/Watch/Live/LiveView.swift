// SPDX-License-Identifier: Apache-2.0

/// Order, scroll position and what is shown of readings, as set by keys, and the current warning.
struct LiveView: Equatable, Sendable {
  var order = PeerOrder.state
  var readings = ReadingsShown.auto
  /// The page; the renderer clamps it to the peers.
  var position = TableRows.Position.from(0)
  /// The peers of the last frame.
  var shown = 0..<0 {
    didSet { position = .from(shown.lowerBound) }
  }
  /// A warning, shown for a limited time.
  var message: String?
  /// Whether keys can be read.
  var hasKeys: Bool

  init(hasKeys: Bool) { self.hasKeys = hasKeys }

  /// - Returns: Whether the key quits.
  mutating func press(_ key: PressedKey) -> Bool {
    switch key {
    // Ctrl-D: end of input.
    case .character(UInt8(ascii: "q")), .character(UInt8(ascii: "Q")), .character(0x04): return true
    case .character(UInt8(ascii: "s")):
      order = order.next
      position = .from(0)
    case .character(UInt8(ascii: "r")): readings = readings.next
    case .down, .character(UInt8(ascii: "j")): move(by: 1)
    case .up, .character(UInt8(ascii: "k")): move(by: -1)
    case .pageDown, .character(UInt8(ascii: " ")): move(by: max(1, shown.count - 1))
    // The peers before may have more lines than those on the page, or fewer.
    case .pageUp, .character(UInt8(ascii: "b")): position = .before(shown.lowerBound)
    case .home, .character(UInt8(ascii: "g")): position = .from(0)
    case .end, .character(UInt8(ascii: "G")): position = .from(.max / 2)
    case .character: break
    }
    return false
  }

  private mutating func move(by count: Int) {
    if case .from(let first) = position { position = .from(first + count) }
  }
}
