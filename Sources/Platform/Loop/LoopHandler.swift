// SPDX-License-Identifier: Apache-2.0

/// What an `EventLoop` calls when a timer is due or a descriptor has something to read.
///
/// A struct around it, since a bare closure is wrapped and allocated anew whenever it comes out of an
/// optional or a dictionary, which for a timer is once a beat, before it is sent.
struct LoopHandler: Sendable {
  let run: @Sendable () -> Void
}
