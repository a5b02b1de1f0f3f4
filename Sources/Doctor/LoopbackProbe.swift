// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform

/// A datagram that the doctor sends to itself, to test the path of a heartbeat inside the host.
///
/// It has TTL 0, so that it does not leave the host; other members on this host receive it too. It passes the
/// firewall's output and input hooks as a heartbeat does.
struct LoopbackProbe {
  enum Outcome {
    case heard
    case unheard
    /// Nothing could be sent.
    case refused(MulticastError)
    /// Not sent, for lack of something that another check reports.
    case untried(found: String, meaning: String)
  }

  /// A payload that is unique to this run.
  static func payload() -> [UInt8] {
    Array("mcastd doctor \(getpid()) \(UInt64.random(in: 0 ... .max))".utf8)
  }

  let payload: [UInt8]
  let wire: PacketCapture

  /// Sends it on an interface, and waits a second at most.
  func run(_ group: Endpoint, on interface: NetworkInterface) -> Outcome {
    guard interface.isUp else { return .untried(found: "nothing was sent", meaning: "the interface is down") }
    let receiver: MulticastReceiver
    do throws(MulticastError) {
      // From any source: a list of sources rarely contains this host.
      receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 16)
      for case .refused(_, let error) in GroupSubscription(receiver, sources: []).follow([interface]) {
        throw error
      }
    } catch {
      return .untried(found: "\(error)", meaning: "without a membership nothing can come back")
    }
    do throws(MulticastError) {
      let sender = try MulticastSender(
        group: group, interface: interface, options: .init(ttl: 0, loopback: true))
      // On lo the capture sees what this host sends.
      wire.ignore(from: Endpoint(sender.source, port: sender.sourcePort))
      if let errno = sender.send(payload) {
        throw .system(call: "sendto", object: "\(group)", errno: errno)
      }
      return hears(receiver, on: interface.index) ? .heard : .unheard
    } catch {
      return .refused(error)
    }
  }

  private func hears(_ receiver: MulticastReceiver, on index: UInt32) -> Bool {
    let end = ContinuousClock.now + .seconds(1)
    var isHeard = false
    while !isHeard {
      let count = try? receiver.receive { datagram in
        if datagram.interfaceIndex == index, datagram.payload.elementsEqual(payload) { isHeard = true }
      }
      let rest = end - .now
      guard rest > .zero else { break }
      if count == 0 { Poll.wait(for: POLLIN, on: [receiver.descriptor], atMost: rest) }
    }
    return isHeard
  }
}
