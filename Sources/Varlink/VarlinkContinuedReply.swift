// SPDX-License-Identifier: Apache-2.0

/// A reply that others follow (`"continues": true`), encoded once for all callers who get it.
package struct VarlinkContinuedReply: Sendable {
  private static let suffix = Array(",\"continues\":true}".utf8) + [0]

  /// As it goes over the wire, with its NUL. Copies share the buffer.
  let bytes: [UInt8]

  /// In bytes.
  package var count: Int { bytes.count }

  /// - Parameter parameters: already encoded.
  package init(_ parameters: VarlinkParameters) {
    bytes = parameters.reply.dropLast(VarlinkParameters.suffix.count) + Self.suffix
  }

  /// Encodes a value, keys sorted.
  ///
  /// - Returns: nil when the value has no JSON (NaN, an infinity) or its JSON is not an object.
  package init?(_ value: some Encodable) {
    guard let parameters = VarlinkParameters(value) else { return nil }
    self.init(parameters)
  }
}
