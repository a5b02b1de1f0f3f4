// SPDX-License-Identifier: Apache-2.0

/// What is to be tried again: each once, and the one that has waited longest first, so that none starves
/// behind others that fail each time.
struct RetryQueue<Element: Hashable> {
  private var waiting: Set<Element> = []
  /// In their order, also some that do not wait any more.
  private var order: [Element] = []

  var count: Int { waiting.count }
  var isEmpty: Bool { waiting.isEmpty }

  func contains(_ element: Element) -> Bool { waiting.contains(element) }

  /// Those that wait, in no order.
  var elements: Set<Element> { waiting }

  mutating func insert(_ element: Element) {
    guard waiting.insert(element).inserted else { return }
    order.append(element)
    if order.count > 2 * waiting.count + 64 { tidy() }
  }

  mutating func remove(_ element: Element) { waiting.remove(element) }

  /// Takes out so many at most.
  mutating func take(_ limit: Int) -> [Element] {
    var taken: [Element] = []
    var seen = 0
    while taken.count < limit, seen < order.count {
      if waiting.remove(order[seen]) != nil { taken.append(order[seen]) }
      seen += 1
    }
    order.removeFirst(seen)
    return taken
  }

  private mutating func tidy() {
    var seen: Set<Element> = []
    order.removeAll { !waiting.contains($0) || !seen.insert($0).inserted }
  }
}
