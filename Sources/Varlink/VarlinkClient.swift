// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Platform

/// A blocking Varlink client for command-line tools, one call at a time.
///
/// After any error but ``VarlinkClientError/error(name:parameters:)`` the connection is unusable.
package final class VarlinkClient {
  /// Why a stream of replies is over.
  package enum StreamEnd: Sendable, Equatable {
    /// The server sent its last reply.
    case finished
    /// The caller wants no more. The connection is unusable.
    case stopped
    /// The descriptor that interrupts became readable. The connection is unusable.
    case interrupted
  }

  private let path: String
  private let descriptor: Descriptor
  private var framer: MessageFramer

  private init(path: String, descriptor: Descriptor, replyLimit: Int) {
    self.path = path
    self.descriptor = descriptor
    framer = MessageFramer(limit: replyLimit)
  }

  /// Connects to a server.
  ///
  /// - Parameters:
  ///   - path: of its socket.
  ///   - timeout: for connect(2), which blocks while the backlog is full.
  ///   - replyLimit: the longest reply that is accepted, in bytes.
  /// - Throws: `noDaemon` where nobody listens; `pathTooLong`, `timedOut`, `system`.
  package static func connect(
    _ path: String, timeout: Duration, replyLimit: Int = 64 << 20
  ) throws(VarlinkClientError) -> VarlinkClient {
    guard let address = UnixAddress(path: path) else {
      throw .pathTooLong(path: path, limit: UnixAddress.longestPath)
    }
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
    let descriptor = Descriptor(number)
    // socket(7): connect(2) heeds the send time-out; without one a full backlog waits for ever. 0 would be
    // just that.
    let microseconds = Int(max(timeout, .milliseconds(1)).nanoseconds / 1000)
    var limit = timeval(tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
    setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var failure: Int32
    repeat {
      failure = address.withSockaddr { Glibc.connect(number, $0, $1) == 0 ? 0 : errno }
    } while failure == EINTR
    switch failure {
    case 0, EISCONN: break
    case ENOENT, ECONNREFUSED: throw .noDaemon(path: path, errno: failure)
    case EAGAIN, ETIMEDOUT: throw .timedOut(path: path)
    default: throw .system(call: "connect", path: path, errno: failure)
    }
    let flags = fcntl(number, F_GETFL)
    guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) >= 0 else {
      throw .system(call: "fcntl", path: path, errno: errno)
    }
    return VarlinkClient(path: path, descriptor: descriptor, replyLimit: replyLimit)
  }

  /// Calls a method and waits for its reply.
  ///
  /// - Parameters:
  ///   - method: fully qualified.
  ///   - parameters: a value whose JSON is an object.
  ///   - reply: the type of the reply's parameters.
  ///   - timeout: for the whole exchange.
  /// - Throws: `error` for an error reply, and any other case where there is no reply.
  package func call<Reply: Decodable>(
    _ method: String, parameters: some Encodable = NoParameters(), reply: Reply.Type = Reply.self,
    timeout: Duration
  ) throws(VarlinkClientError) -> Reply {
    let deadline = ContinuousClock.now + timeout
    try request(method, parameters, more: false, until: deadline)
    guard let message = try receive(until: deadline, orReadable: nil) else { throw .timedOut(path: path) }
    let (reply, continues): (Reply, Bool) = try decode(message)
    if continues { throw .badReply(path: path, reason: "it announces another one") }
    return reply
  }

  /// Calls a method with several replies and waits for them, between two of them without limit.
  ///
  /// - Parameters:
  ///   - method: fully qualified.
  ///   - parameters: a value whose JSON is an object.
  ///   - reply: the type of each reply's parameters.
  ///   - timeout: for the first reply.
  ///   - interrupt: a descriptor that ends the stream when it becomes readable or hangs up.
  ///   - pulse: is called about once a second, so that a caller can show that it does not hang; nil where
  ///     nobody asks.
  ///   - body: takes a reply and returns whether to go on.
  /// - Returns: why the stream is over.
  /// - Throws: `error` for an error reply, `closed` where the server closes without a last reply, and any
  ///   other case where there is no reply.
  @discardableResult
  package func stream<Reply: Decodable>(
    _ method: String, parameters: some Encodable = NoParameters(), reply: Reply.Type = Reply.self,
    timeout: Duration, interrupt: Int32? = nil, pulse: (() -> Void)? = nil, _ body: (Reply) -> Bool
  ) throws(VarlinkClientError) -> StreamEnd {
    var deadline: ContinuousClock.Instant? = ContinuousClock.now + timeout
    try request(method, parameters, more: true, until: deadline)
    while let message = try receive(until: deadline, orReadable: interrupt, pulse) {
      deadline = nil
      let (reply, continues): (Reply, Bool) = try decode(message)
      let goesOn = body(reply)
      if !continues { return .finished }
      if !goesOn { return .stopped }
    }
    return .interrupted
  }

  private func request(
    _ method: String, _ parameters: some Encodable, more: Bool, until deadline: ContinuousClock.Instant?
  ) throws(VarlinkClientError) {
    guard let parameters = VarlinkParameters(parameters), let name = try? JSONEncoder().encode(method) else {
      throw .parametersNotEncodable(method: method)
    }
    let request =
      Array("{\"method\":".utf8) + Array(name) + Array(",\"parameters\":".utf8) + parameters.json
      + Array((more ? ",\"more\":true}" : "}").utf8) + [0]
    do throws(VarlinkClientError) {
      try send(request, until: deadline)
    } catch {
      // The server may send an error and close before reading the request: send(2) then fails with EPIPE, but
      // the error can still be read.
      guard case .closed = error else { throw error }
    }
  }

  private func send(
    _ request: [UInt8], until deadline: ContinuousClock.Instant?
  ) throws(VarlinkClientError) {
    var sent = 0
    while sent < request.count {
      let (result, failure) = request.withUnsafeBytes { bytes in
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        let result = Glibc.send(descriptor.number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        return (result, result < 0 ? errno : 0)
      }
      switch failure {
      case 0: sent += result
      case EINTR: continue
      case EAGAIN: try wait(for: POLLOUT, on: [descriptor.number], until: deadline)
      case EPIPE, ECONNRESET: throw .closed(path: path)
      default: throw .system(call: "send", path: path, errno: failure)
      }
    }
  }

  /// - Returns: the next message; nil where `interrupt` is readable.
  private func receive(
    until deadline: ContinuousClock.Instant?, orReadable interrupt: Int32?, _ pulse: (() -> Void)? = nil
  ) throws(VarlinkClientError) -> [UInt8]? {
    while true {
      pulse?()
      // Also while replies come in faster than they are taken.
      if let interrupt, Poll.wait(for: POLLIN, on: [interrupt], atMost: .zero) > 0 { return nil }
      do throws(MessageFramer.TooLong) {
        if let message = try framer.next() { return message }
      } catch {
        throw .replyTooLong(path: path, limit: error.limit)
      }
      var failure: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
        let result = recv(descriptor.number, buffer.baseAddress, buffer.count, 0)
        failure = result < 0 ? errno : 0
        count = max(0, result)
      }
      switch failure {
      case 0:
        if bytes.isEmpty { throw .closed(path: path) }
        framer.append(bytes)
      case EINTR: continue
      case EAGAIN:
        let descriptors = [descriptor.number] + (interrupt.map { [$0] } ?? [])
        try wait(for: POLLIN, on: descriptors, until: deadline, atMost: pulse == nil ? nil : .seconds(1))
      case ECONNRESET: throw .closed(path: path)
      default: throw .system(call: "recv", path: path, errno: failure)
      }
    }
  }

  /// - Parameters:
  ///   - deadline: nil for none.
  ///   - limit: after which it returns and nothing is ready; nil for none.
  private func wait(
    for events: Int32, on descriptors: [Int32], until deadline: ContinuousClock.Instant?,
    atMost limit: Duration? = nil
  ) throws(VarlinkClientError) {
    let left = deadline.map { $0 - ContinuousClock.now }
    if let left, left < .zero { throw .timedOut(path: path) }
    let time = [left, limit].compactMap { $0 }.min()
    let result = Poll.wait(for: events, on: descriptors, atMost: time)
    if result < 0 && errno != EINTR { throw .system(call: "poll", path: path, errno: errno) }
  }

  private struct Outcome: Decodable {
    var error: String?
    var continues: Bool?
  }

  private struct Answer<Parameters: Decodable>: Decodable {
    var parameters: Parameters?
  }

  /// - Returns: the reply, and whether it announces another one.
  private func decode<Reply: Decodable>(_ message: [UInt8]) throws(VarlinkClientError) -> (Reply, Bool) {
    let decoder = JSONDecoder()
    let message = Data(message)
    do {
      let outcome = try decoder.decode(Outcome.self, from: message)
      if let name = outcome.error {
        let parameters = try decoder.decode(Answer<VarlinkParameters>.self, from: message).parameters
        throw VarlinkClientError.error(name: name, parameters: parameters ?? .none)
      }
      let reply = try decoder.decode(Answer<Reply>.self, from: message).parameters
      return (try reply ?? VarlinkParameters.none.decode(Reply.self), outcome.continues ?? false)
    } catch let error as VarlinkClientError {
      throw error
    } catch {
      throw .badReply(path: path, reason: "\(error)")
    }
  }
}
