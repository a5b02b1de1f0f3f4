// SPDX-License-Identifier: Apache-2.0

import Metrics
import Testing

@testable import Control

struct ScrapeRequestTests {
  private func request(_ head: String) throws(ScrapeRequest.Refusal) -> ScrapeRequest {
    try ScrapeRequest(head: Array(head.utf8))
  }

  @Test(
    "a head is complete with its empty line",
    arguments: [
      ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", true), ("GET /metrics HTTP/1.0\n\n", true),
      ("GET /metrics HTTP/1.1\r\nHost: a\r\n", false), ("", false), ("GET", false), ("\n", false),
    ])
  func complete(head: String, isComplete: Bool) {
    #expect(ScrapeRequest.isComplete(Array(head.utf8)) == isComplete)
  }

  @Test(
    "the format is OpenMetrics where the caller accepts that",
    arguments: [
      ("", MetricText.prometheus), ("Accept: text/plain\r\n", .prometheus), ("Accept: */*\r\n", .prometheus),
      ("accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n", .openMetrics),
      ("Accept: text/plain, Application/OpenMetrics-Text; q=0.75\r\n", .openMetrics),
      ("Accept: application/openmetrics-text; q=0, text/plain\r\n", .prometheus),
      ("X-Accept: application/openmetrics-text\r\n", .prometheus),
    ])
  func format(header: String, format: MetricText) throws {
    #expect(try request("GET /metrics HTTP/1.1\r\n\(header)\r\n").format == format)
  }

  @Test("HEAD and a query are taken")
  func accepted() throws {
    #expect(try request("HEAD /metrics?a=b HTTP/1.1\r\n\r\n").isHead)
    #expect(try !request("GET /metrics HTTP/1.0\n\n").isHead)
  }

  @Test(
    "everything else is refused with the status that says why",
    arguments: [
      ("POST /metrics HTTP/1.1\r\n\r\n", ScrapeRequest.Refusal.methodNotAllowed),
      ("GET / HTTP/1.1\r\n\r\n", .notFound), ("GET /metrics/ HTTP/1.1\r\n\r\n", .notFound),
      ("GET /../metrics HTTP/1.1\r\n\r\n", .notFound), ("GET /metrics\r\n\r\n", .badRequest),
      ("GET  /metrics HTTP/1.1\r\n\r\n", .badRequest), ("GET /metrics SSH-2.0\r\n\r\n", .badRequest),
      ("\r\n\r\n", .badRequest), ("get /metrics HTTP/1.1\r\n\r\n", .methodNotAllowed),
      ("\u{0}\u{ff} x HTTP/1.1\n\n", .methodNotAllowed),
    ])
  func refused(head: String, refusal: ScrapeRequest.Refusal) {
    #expect(throws: refusal) { try request(head) }
    let reply = String(decoding: ScrapeReply(refusal).bytes, as: UTF8.self)
    #expect(reply.hasPrefix("HTTP/1.1 \(refusal.rawValue) "))
    #expect(reply.contains("\r\nConnection: close\r\n\r\n"))
    #expect(reply.contains("Allow: GET, HEAD\r\n") == (refusal == .methodNotAllowed))
  }

  @Test("a reply has the length of its body, which HEAD leaves out")
  func length() throws {
    let families = [MetricFamily(.sent, [MetricSample(.none, 1)])]
    let text = MetricText.prometheus.text(of: families)
    let whole = ScrapeReply(families, to: try request("GET /metrics HTTP/1.1\r\n\r\n")).bytes
    let head = ScrapeReply(families, to: try request("HEAD /metrics HTTP/1.1\r\n\r\n")).bytes
    #expect(Array(whole.suffix(text.count)) == text)
    #expect(Array(whole.dropLast(text.count)) == head)
    #expect(String(decoding: head, as: UTF8.self).contains("\r\nContent-Length: \(text.count)\r\n"))
  }

  @Test("that the daemon does not answer is 503, so that the scrape fails")
  func unavailable() {
    let reply = String(decoding: ScrapeReply(unavailable: "no daemon").bytes, as: UTF8.self)
    #expect(reply.hasPrefix("HTTP/1.1 503 "))
    #expect(reply.hasSuffix("\r\n\r\nno daemon\n"))
  }
}
