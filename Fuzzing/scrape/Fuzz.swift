// SPDX-License-Identifier: Apache-2.0

import Control
import Metrics

/// No head of a request crashes its parsing, and each has a reply.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count).prefix(ScrapeRequest.longest))
  let reply: ScrapeReply
  do throws(ScrapeRequest.Refusal) {
    reply = ScrapeReply([MetricFamily(.sent, [MetricSample(.none, 1)])], to: try ScrapeRequest(head: input))
  } catch {
    reply = ScrapeReply(error)
  }
  precondition(reply.bytes.starts(with: "HTTP/1.1 ".utf8))
  _ = ScrapeRequest.isComplete(input)
  return 0
}
