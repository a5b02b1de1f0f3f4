// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc

/// Any number of descriptors that a Dispatch queue waits for, by one source over an epoll(7) descriptor.
///
/// A Dispatch source for each would let callers crash the process: where a socket hangs up that has one for
/// reading and one for writing, libdispatch frees what it then looks at (docs/FACTS.md). The one source here
/// is taken down only with this. To be used on the queue.
package final class DescriptorPoll {
  /// Descriptors that are served in one turn.
  private static let batch = 64

  private let poll: Descriptor
  private let source: any DispatchSourceRead
  private var watched: [UInt64: PolledDescriptor.Handlers] = [:]
  /// The last token that was given; none is given twice, so that what is told of a descriptor that is gone
  /// means no other.
  private var token: UInt64 = 0

  /// - Throws: `EventLoopError`, where no descriptor is left.
  package init(on queue: DispatchQueue) throws(EventLoopError) {
    let number = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard number >= 0 else { throw EventLoopError(call: "epoll_create1", errno: errno) }
    let poll = Descriptor(number)
    self.poll = poll
    source = DispatchSource.makeReadSource(fileDescriptor: number, queue: queue)
    source.setCancelHandler { withExtendedLifetime(poll) {} }
    source.setEventHandler { [weak self] in self?.serve() }
    source.activate()
  }

  deinit { source.cancel() }

  fileprivate func add(_ handlers: PolledDescriptor.Handlers) -> UInt64 {
    token += 1
    watched[token] = handlers
    return token
  }

  fileprivate func remove(_ token: UInt64) { watched[token] = nil }

  /// - Returns: Whether the kernel had the memory for it.
  fileprivate func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ token: UInt64) -> Bool
  {
    var event = epoll_event(events: events, data: epoll_data(u64: token))
    return epoll_ctl(poll.number, operation, descriptor, &event) == 0
  }

  /// What is not served in this turn has the source fire again.
  private func serve() {
    Epoll.wait(on: poll.number, most: Self.batch, timeout: 0) { event in
      // Looked up one by one: a handler may have ended another's.
      watched[event.data.u64]?.serve(event.events)
    }
  }
}

/// A descriptor that a `DescriptorPoll` waits for, to be read, written or both. It starts with neither.
package final class PolledDescriptor {
  fileprivate final class Handlers {
    let onReadable: () -> Void
    let onWritable: () -> Void
    /// EPOLLIN, EPOLLOUT; 0 while it is not in the set.
    var events: UInt32 = 0

    init(onReadable: @escaping () -> Void, onWritable: @escaping () -> Void) {
      (self.onReadable, self.onWritable) = (onReadable, onWritable)
    }

    func serve(_ events: UInt32) {
      // A hang-up or an error is what recv(2) or send(2) finds.
      let end = EPOLLHUP.rawValue | EPOLLERR.rawValue
      if events & (EPOLLIN.rawValue | end) != 0, self.events & EPOLLIN.rawValue != 0 { onReadable() }
      if events & (EPOLLOUT.rawValue | end) != 0, self.events & EPOLLOUT.rawValue != 0 { onWritable() }
    }
  }

  private let poll: DescriptorPoll
  private let descriptor: Descriptor
  private let handlers: Handlers
  private let token: UInt64
  private var isCancelled = false

  /// - Parameters:
  ///   - onReadable: Called on the queue as long as there is something to read, an end of it included, while
  ///     that is asked for.
  ///   - onWritable: The same for writing.
  package init(
    on poll: DescriptorPoll, _ descriptor: Descriptor, onReadable: @escaping () -> Void,
    onWritable: @escaping () -> Void = {}
  ) {
    (self.poll, self.descriptor) = (poll, descriptor)
    handlers = Handlers(onReadable: onReadable, onWritable: onWritable)
    token = poll.add(handlers)
  }

  deinit { cancel() }

  package func setReading(_ on: Bool) { set(EPOLLIN.rawValue, on) }

  package func setWriting(_ on: Bool) { set(EPOLLOUT.rawValue, on) }

  /// Calls no handler any more.
  package func cancel() {
    guard !isCancelled else { return }
    change(to: 0)
    isCancelled = true
    poll.remove(token)
  }

  private func set(_ event: UInt32, _ on: Bool) {
    change(to: on ? handlers.events | event : handlers.events & ~event)
  }

  /// Out of the set where nothing is asked for: a hang-up is told in any case.
  private func change(to events: UInt32) {
    guard !isCancelled, events != handlers.events else { return }
    let operation =
      events == 0 ? EPOLL_CTL_DEL : handlers.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
    // Where the kernel has no memory for it, nothing is told, as of a peer that does nothing.
    guard poll.control(operation, descriptor.number, events, token) || events == 0 else { return }
    handlers.events = events
  }
}
