// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What the thread of an `EventLoop` sleeps in: epoll(7), with a timer and a way for other threads to wake
/// it.
struct EventPoll: ~Copyable {
  /// The token of the timer and of `wake`, which only end the sleep.
  static let ownToken: UInt64 = 0

  private let poll: OwnedDescriptor
  private let timer: OwnedDescriptor
  private let waker: OwnedDescriptor

  private init(
    poll: consuming OwnedDescriptor, timer: consuming OwnedDescriptor, waker: consuming OwnedDescriptor
  ) {
    self.poll = poll
    self.timer = timer
    self.waker = waker
  }

  /// - Throws: `EventLoopError`, where no descriptor is left.
  init() throws(EventLoopError) {
    let poll = try Self.opened("epoll_create1", epoll_create1(Int32(EPOLL_CLOEXEC)))
    let timer = try Self.opened(
      "timerfd_create", timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK)))
    let waker = try Self.opened("eventfd", eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)))
    // Edge-triggered: each expiry and each write is told once, and neither has to be read.
    for own in [timer.number, waker.number] {
      let failure = Self.control(
        poll.number, EPOLL_CTL_ADD, own, EPOLLIN.rawValue | EPOLLET.rawValue, Self.ownToken)
      guard failure == 0 else { throw EventLoopError(call: "epoll_ctl", errno: failure) }
    }
    self.init(poll: poll, timer: timer, waker: waker)
  }

  private static func opened(
    _ call: String, _ result: Int32
  ) throws(EventLoopError) -> OwnedDescriptor {
    guard result >= 0 else { throw EventLoopError(call: call, errno: errno) }
    return OwnedDescriptor(owning: result)
  }

  /// Reports the descriptor under `token` as long as it has something to read.
  ///
  /// - Returns: 0, or errno.
  func watch(_ descriptor: Int32, token: UInt64) -> Int32 {
    Self.control(poll.number, EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue, token)
  }

  /// Reports it no longer. To be called before it is closed: a duplicate in another process, as systemd's
  /// descriptor store has one, would keep it in the set.
  func unwatch(_ descriptor: Int32) {
    _ = Self.control(poll.number, EPOLL_CTL_DEL, descriptor, 0, 0)
  }

  private static func control(
    _ poll: Int32, _ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ token: UInt64
  ) -> Int32 {
    var event = epoll_event(events: events, data: epoll_data(u64: token))
    return epoll_ctl(poll, operation, descriptor, &event) == 0 ? 0 : errno
  }

  /// Ends the sleep at a time, in nanoseconds of CLOCK_MONOTONIC, in place of any other time.
  func arm(at time: Int64) {
    // 0 would disarm it (timerfd_create(2)).
    let time = max(1, time)
    var setting = itimerspec()
    setting.it_value = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    timerfd_settime(timer.number, Int32(TFD_TIMER_ABSTIME), &setting, nil)
  }

  /// Ends the sleep now, or the next one at once. Any thread.
  func wake() {
    var one: UInt64 = 1
    _ = write(waker.number, &one, MemoryLayout<UInt64>.size)
  }

  /// Sleeps until something is ready, the armed time or `wake`.
  ///
  /// - Parameters:
  ///   - sleeps: False to look only.
  ///   - body: Called with the token of each descriptor that has something to read.
  func wait(sleeps: Bool, _ body: (UInt64) -> Void) {
    Epoll.wait(on: poll.number, most: 8, timeout: sleeps ? -1 : 0) { event in
      if event.data.u64 != Self.ownToken { body(event.data.u64) }
    }
  }
}

/// Why an event loop cannot be made.
package struct EventLoopError: Error, Equatable, CustomStringConvertible {
  /// The system call that failed.
  package let call: String
  /// Its errno, positive.
  package let errno: Int32

  package var description: String { "\(call): \(errnoText(errno))" }
}
