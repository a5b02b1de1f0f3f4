// SPDX-License-Identifier: Apache-2.0

import Metrics

/// The head of an HTTP/1 request for metrics (RFC 9112), as far as it matters for one resource.
package struct ScrapeRequest: Equatable, Sendable {
  /// Bytes of the longest head.
  package static let longest = 8192

  /// The resource.
  package static let path = "/metrics"

  /// Why there is nothing to send; the raw values are status codes (RFC 9110, 15.5; RFC 6585, 5).
  package enum Refusal: Int, Error {
    case badRequest = 400
    case notFound = 404
    case methodNotAllowed = 405
    case headTooLong = 431
  }

  /// Whether only the head of the reply is asked for.
  package var isHead: Bool
  package var format: MetricText

  /// Whether bytes have the end of a head: an empty line.
  package static func isComplete(_ bytes: [UInt8]) -> Bool {
    guard let last = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return false }
    let head = bytes[...last]
    return head.suffix(4).elementsEqual("\r\n\r\n".utf8) || head.suffix(2).elementsEqual("\n\n".utf8)
  }

  /// Reads a complete head.
  ///
  /// - Throws: `Refusal`.
  package init(head: [UInt8]) throws(Refusal) {
    let lines = String(decoding: head, as: UTF8.self).split(omittingEmptySubsequences: true) { $0.isNewline }
    let request = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
    guard request.count == 3, request[2].hasPrefix("HTTP/1.") else { throw .badRequest }
    guard request[0] == "GET" || request[0] == "HEAD" else { throw .methodNotAllowed }
    guard request[1].prefix(while: { $0 != "?" }) == Self.path else { throw .notFound }
    isHead = request[0] == "HEAD"
    let accepted = lines.dropFirst().flatMap { line -> [Substring] in
      let parts = line.split(separator: ":", maxSplits: 1)
      return parts.count == 2 && parts[0].lowercased() == "accept" ? parts[1].split(separator: ",") : []
    }
    format = accepted.contains(where: Self.isOpenMetrics) ? .openMetrics : .prometheus
  }

  /// Whether an item of Accept names the format, and not with a weight of 0 (RFC 9110, 12.5.1).
  private static func isOpenMetrics(_ item: Substring) -> Bool {
    let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
    return parts.first == "application/openmetrics-text"
      && !parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
  }
}

/// A reply to it, after which the connection ends.
package struct ScrapeReply: Equatable, Sendable {
  private var status: String
  private var contentType = "text/plain; charset=utf-8"
  private var headers: [String] = []
  private var body: [UInt8]
  private var hasBody = true

  /// The metrics.
  package init(_ families: [MetricFamily], to request: ScrapeRequest) {
    status = "200 OK"
    contentType = request.format.contentType
    body = request.format.text(of: families)
    hasBody = !request.isHead
  }

  package init(_ refusal: ScrapeRequest.Refusal) {
    let text: String
    switch refusal {
    case .badRequest: (status, text) = ("400 Bad Request", "This is not a request of HTTP/1.")
    case .notFound: (status, text) = ("404 Not Found", "The metrics are at \(ScrapeRequest.path).")
    case .methodNotAllowed:
      (status, text) = ("405 Method Not Allowed", "Metrics can only be read.")
      headers = ["Allow: GET, HEAD"]
    case .headTooLong:
      status = "431 Request Header Fields Too Large"
      text = "The head of a request has at most \(ScrapeRequest.longest) bytes."
    }
    body = Array("\(text)\n".utf8)
  }

  /// The daemon does not answer.
  ///
  /// - Parameter reason: In words, one line.
  package init(unavailable reason: String) {
    status = "503 Service Unavailable"
    body = Array("\(reason)\n".utf8)
  }

  /// As it is sent.
  package var bytes: [UInt8] {
    let head =
      ["HTTP/1.1 \(status)", "Content-Type: \(contentType)", "Content-Length: \(body.count)"] + headers
      + ["Connection: close", "", ""]
    return Array(head.joined(separator: "\r\n").utf8) + (hasBody ? body : [])
  }
}
