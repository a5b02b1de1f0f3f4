// SPDX-License-Identifier: Apache-2.0

/// An interface that a service offers.
package struct VarlinkInterface: Sendable {
  /// Reverse-domain: `io.example`.
  package let name: String

  /// The interface definition, which GetInterfaceDescription hands out.
  package let description: String

  /// The methods that are implemented, by unqualified name.
  package let methods: [String: VarlinkMethod]

  /// - Parameters:
  ///   - name: reverse-domain.
  ///   - description: the interface definition in Varlink's language; its first statement is
  ///     `interface NAME`.
  ///   - methods: one for every `method` of the definition, with distinct names.
  package init(name: String, description: String, methods: [VarlinkMethod]) {
    self.name = name
    self.description = description
    self.methods = Dictionary(uniqueKeysWithValues: methods.map { ($0.name, $0) })
  }
}

/// A method and its handler.
package struct VarlinkMethod: Sendable {
  /// Unqualified: `GetStatus`.
  package let name: String

  /// The parameters that the definition declares. A call with any other is refused: a misspelt one would
  /// otherwise pass for one that was left out.
  package let accepts: Set<String>

  let handler: Handler

  enum Handler: Sendable {
    case once(@Sendable (VarlinkCall) async -> VarlinkOutcome)
    /// For calls with `more` only. `limit`: of replies that wait for one caller, in bytes; nil for the
    /// server's.
    case stream(
      limit: Int?, @Sendable (VarlinkCall, VarlinkReplies) async throws(VarlinkError) -> Void)
  }

  /// - Parameters:
  ///   - name: unqualified.
  ///   - accepts: the names of its parameters.
  ///   - handler: replies to a call. It runs on no particular executor and may be slow: only the caller's
  ///     connection waits. It is not cancelled when the caller disconnects.
  package init<Reply: Encodable & SendableMetatype>(
    _ name: String, accepts: Set<String> = [],
    _ handler: @escaping @Sendable (VarlinkCall) async throws(VarlinkError) -> Reply
  ) {
    self.name = name
    self.accepts = accepts
    self.handler = .once { call in
      do throws(VarlinkError) {
        let reply = try await handler(call)
        // Parameters that are already encoded are sent as they are.
        let parameters = (reply as? VarlinkParameters) ?? VarlinkParameters(reply)
        return parameters.map { .reply($0) } ?? .refused(.replyNotEncodable)
      } catch {
        return .error(error)
      }
    }
  }

  /// A method with several replies, for calls with `more` only.
  ///
  /// - Parameters:
  ///   - name: unqualified.
  ///   - accepts: the names of its parameters.
  ///   - limit: of replies that wait for one caller, in bytes; nil for that of ``VarlinkLimits``.
  ///   - handler: sends replies, or hands its ``VarlinkReplies`` to who does: they stay open when it returns.
  ///     What it throws is the last reply. Its task is cancelled when the caller is gone or too slow, and is
  ///     to end then: the caller's place among the connections is taken until it does.
  package init(
    _ name: String, accepts: Set<String> = [], limit: Int? = nil,
    _ handler: @escaping @Sendable (VarlinkCall, VarlinkReplies) async throws(VarlinkError) -> Void
  ) {
    self.name = name
    self.accepts = accepts
    self.handler = .stream(limit: limit, handler)
  }
}

/// The outcome of a call.
enum VarlinkOutcome: Sendable {
  case reply(VarlinkParameters)
  case error(VarlinkError)
  case refused(VarlinkRefusal)
}

/// Why the server itself refuses a caller. The protocol has no errors for these; a service may have some
/// (``VarlinkService/refusal``).
package enum VarlinkRefusal: Sendable, Hashable {
  /// The connection table is full: this connection was not admitted, or closed for a new one.
  case tooManyConnections
  /// There are too many streams, of all callers or of this one: the call is not made.
  case tooManyStreams
  /// The caller has read too little of its stream, which ends, and its connection with it.
  case tooSlow
  /// No request was completed and no reply was read for the idle time.
  case idle
  /// The reply is longer than the limit; in a stream, than that of replies that wait.
  case replyTooLong
  /// The handler's reply has no JSON.
  case replyNotEncodable
}
