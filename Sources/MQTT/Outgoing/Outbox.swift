// SPDX-License-Identifier: Apache-2.0

import Platform

/// What the broker is to hold, and what is to be published for that: the latest value of each topic, once
/// again before it expires, and nothing twice at the same time.
///
/// A topic that waits has one value, so that a broker that is slow or away gets the latest, and the memory
/// that this takes is bounded by the topics. Times are in ns of CLOCK_MONOTONIC.
struct Outbox {
  /// Publications without an acknowledgement.
  static let window = 100
  /// Topics; those that are to be removed from a broker that is away are among them.
  static let limit = 2 * 65_536

  struct Publication: Equatable, Sendable {
    let topic: String
    /// Empty to remove the topic.
    let payload: String
    /// After which the broker drops it, in seconds.
    let expiry: UInt32
  }

  private struct Slot {
    /// Nil where the broker is to hold nothing.
    var wanted: String?
    /// After which the broker drops it, in seconds; it is renewed after half of that.
    var expiry: UInt32
    /// What it was told last in this connection; nil for nothing.
    var said: String?
    /// Whether the broker may hold something that we published.
    var isHeld = false
    var isInFlight = false
    var isQueued = false
    /// When `said` was published.
    var saidAt: Int64 = 0
  }

  /// After which the broker drops what is not renewed, in seconds, unless told otherwise.
  private let expiry: UInt32
  private var slots: [String: Slot] = [:]
  /// Topics that are to be looked at, first in, first out; consumed up to `head`.
  private var queue: [String] = []
  private var head = 0
  private(set) var isConnected = false
  /// Publications without an acknowledgement.
  private(set) var inFlight = 0
  private var nextRenewal: Int64 = 0

  /// - Parameter expiry: After which the broker drops what is not renewed, in seconds.
  init(expiry: UInt32) { self.expiry = expiry }

  /// Topics that the broker is to hold.
  var topics: [String] { slots.filter { $0.value.wanted != nil }.map(\.key) }
  /// How many there are, those included that are to be removed.
  var count: Int { slots.count }

  /// Whether something can be published now.
  var hasNext: Bool { isConnected && inFlight < Self.window && head < queue.count }

  /// - Parameters:
  ///   - payload: What the broker is to hold of this topic; nil or empty for nothing.
  ///   - expiry: In seconds; nil for that of all.
  mutating func set(_ topic: String, _ payload: String?, expiry: UInt32? = nil) {
    let payload = payload.flatMap { $0.isEmpty ? nil : $0 }
    guard var slot = slots[topic] else {
      guard let payload, slots.count < Self.limit else { return }
      slots[topic] = Slot(wanted: payload, expiry: expiry ?? self.expiry)
      enqueue(topic)
      return
    }
    slot.wanted = payload
    // One that is queued stays until its turn, so that the queue has no more entries than there are slots.
    let isOver = payload == nil && !slot.isHeld && !slot.isInFlight && !slot.isQueued
    slots[topic] = isOver ? nil : slot
    if !isOver { enqueue(topic) }
  }

  /// A new connection: the broker may have lost everything, and may hold what is not true any more.
  mutating func connected(at now: Int64) {
    disconnected()
    isConnected = true
    nextRenewal = now
    for topic in slots.keys { enqueue(topic) }
  }

  /// What was not acknowledged may have arrived or not.
  mutating func disconnected() {
    (isConnected, inFlight, queue, head) = (false, 0, [], 0)
    for topic in slots.keys {
      slots[topic]?.said = nil
      slots[topic]?.isInFlight = false
      slots[topic]?.isQueued = false
    }
  }

  /// What is to be published next; nil for nothing at the moment.
  mutating func next(at now: Int64) -> Publication? {
    renew(at: now)
    while hasNext {
      let topic = queue[head]
      head += 1
      // Amortised: the array is moved once for as many as it had.
      if head == queue.count || head > 4096 && head > queue.count / 2 {
        queue.removeFirst(head)
        head = 0
      }
      guard var slot = slots[topic], slot.isQueued else { continue }
      slot.isQueued = false
      guard !slot.isInFlight, slot.wanted == nil ? slot.isHeld : slot.wanted != slot.said else {
        slots[topic] = slot.wanted == nil && !slot.isHeld && !slot.isInFlight ? nil : slot
        continue
      }
      (slot.said, slot.saidAt, slot.isInFlight, slot.isHeld) = (slot.wanted, now, true, true)
      slots[topic] = slot
      inFlight += 1
      return Publication(topic: topic, payload: slot.wanted ?? "", expiry: slot.expiry)
    }
    return nil
  }

  /// The broker has answered a publication of this topic. One that it refused is tried again when it would
  /// have been renewed, and a removal that it refused is left to the expiry.
  mutating func acknowledged(_ topic: String) {
    guard var slot = slots[topic], slot.isInFlight else { return }
    slot.isInFlight = false
    inFlight -= 1
    if slot.said == nil { slot.isHeld = false }
    if slot.wanted == nil && !slot.isHeld && !slot.isQueued {
      slots[topic] = nil
    } else {
      slots[topic] = slot
      if slot.wanted != slot.said { enqueue(topic) }
    }
  }

  private mutating func enqueue(_ topic: String) {
    guard isConnected, slots[topic]?.isQueued == false else { return }
    slots[topic]?.isQueued = true
    queue.append(topic)
  }

  /// Once a second, what was published half of the expiry ago is queued again.
  private mutating func renew(at now: Int64) {
    guard isConnected, now >= nextRenewal else { return }
    nextRenewal = now + 1_000_000_000
    for (topic, slot) in slots where !slot.isInFlight && slot.wanted != nil && slot.wanted == slot.said {
      guard now - slot.saidAt >= Int64(slot.expiry) * 500_000_000 else { continue }
      slots[topic]?.said = nil
      enqueue(topic)
    }
  }
}
