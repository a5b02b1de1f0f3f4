// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why a call has no reply.
package enum VarlinkClientError: Error, CustomStringConvertible {
  /// Nobody listens: connect(2) failed with ENOENT or ECONNREFUSED.
  case noDaemon(path: String, errno: Int32)
  /// The path is empty or too long for sockaddr_un; `limit` is in bytes.
  case pathTooLong(path: String, limit: Int)
  /// A system call failed.
  case system(call: String, path: String, errno: Int32)
  /// No connection, or no complete reply, in time.
  case timedOut(path: String)
  /// The server closed the connection before its reply.
  case closed(path: String)
  /// The reply is longer than the limit, in bytes.
  case replyTooLong(path: String, limit: Int)
  /// The message is no reply to this call, for `reason`.
  case badReply(path: String, reason: String)
  /// The parameters have no JSON.
  case parametersNotEncodable(method: String)
  /// The server replied with an error.
  case error(name: String, parameters: VarlinkParameters)

  package var description: String {
    switch self {
    case .noDaemon(let path, let errno): "\(path): nobody listens there: \(errnoText(errno))"
    case .pathTooLong(let path, let limit): "\(path): not a socket's path (1 to \(limit) bytes)"
    case .system(let call, let path, let errno): "\(path): \(call): \(errnoText(errno))"
    case .timedOut(let path): "\(path): no answer in time"
    case .closed(let path): "\(path): closed before the answer"
    case .replyTooLong(let path, let limit): "\(path): an answer of more than \(limit) bytes"
    case .badReply(let path, let reason): "\(path): not a Varlink answer: \(reason)"
    case .parametersNotEncodable(let method): "\(method): parameters without a JSON form"
    case .error(let name, let parameters): "\(name) \(String(decoding: parameters.json, as: UTF8.self))"
    }
  }
}
