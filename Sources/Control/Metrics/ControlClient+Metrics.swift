// SPDX-License-Identifier: Apache-2.0

import Glibc
import Metrics
import Platform
import Varlink

/// `mcastd metrics`: what the daemon counts, printed, or for one caller on standard input, whose socket a
/// unit passes.
extension ControlClient {
  /// Prints the metrics.
  ///
  /// - Returns: the exit status.
  package static func printMetrics(_ format: MetricText, path: String) -> Int32 {
    do throws(VarlinkClientError) {
      let text = format.text(of: try metrics(path: path))
      Console.print(ConsoleText(lines: String(decoding: text, as: UTF8.self)))
      return ExitStatus.success
    } catch {
      return report(error, path: path)
    }
  }

  private static func metrics(path: String) throws(VarlinkClientError) -> [MetricFamily] {
    let client = try VarlinkClient.connect(path, timeout: timeout)
    return try client.call(
      ControlInterface.Method.getMetrics.qualifiedName, reply: MetricsReply.self, timeout: timeout
    ).metrics
  }

  // MARK: HTTP

  /// How long a caller may take to send its request.
  private static let longestRequest = Duration.seconds(5)
  /// How long, and how many bytes, is read of what follows its request.
  private static let longestLinger = Duration.seconds(1)
  private static let longestUnread = 1 << 20

  /// Answers one request of HTTP.
  ///
  /// - Returns: the exit status: that there is no daemon is told to the caller, and is no failure of this.
  package static func answerScrape(path: String) -> Int32 {
    Signals.ignoreBrokenPipes()
    guard let reply = scrapeReply(path: path) else { return ExitStatus.success }
    Console.note(failure: FileContents.write(reply.bytes, to: STDOUT_FILENO))
    linger()
    return ExitStatus.success
  }

  /// Reads what the caller still sends, for a while: of a socket that is closed with something unread the
  /// caller may lose the reply (RFC 9112, 9.6).
  private static func linger() {
    shutdown(STDOUT_FILENO, Int32(SHUT_WR))
    let deadline = ContinuousClock.now + longestLinger
    var left = longestUnread
    while left > 0 {
      let rest = deadline - ContinuousClock.now
      guard rest > .zero, Poll.wait(for: POLLIN, on: [STDIN_FILENO], atMost: rest) > 0 else { return }
      let count = withUnsafeTemporaryAllocation(byteCount: ScrapeRequest.longest, alignment: 1) {
        Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return }
      left -= count
    }
  }

  /// - Returns: Nil where the caller asks for nothing.
  private static func scrapeReply(path: String) -> ScrapeReply? {
    do throws(ScrapeRequest.Refusal) {
      guard let head = try requestHead() else { return nil }
      let request = try ScrapeRequest(head: head)
      do throws(VarlinkClientError) {
        return ScrapeReply(try metrics(path: path), to: request)
      } catch {
        return ScrapeReply(unavailable: "mcastd does not answer: \(error)")
      }
    } catch {
      return ScrapeReply(error)
    }
  }

  /// - Returns: Nil where the caller is gone, or sends too little in time.
  private static func requestHead() throws(ScrapeRequest.Refusal) -> [UInt8]? {
    let deadline = ContinuousClock.now + longestRequest
    var head: [UInt8] = []
    while !ScrapeRequest.isComplete(head) {
      guard head.count < ScrapeRequest.longest else { throw .headTooLong }
      let left = deadline - ContinuousClock.now
      guard left > .zero, Poll.wait(for: POLLIN, on: [STDIN_FILENO], atMost: left) > 0 else { return nil }
      let room = ScrapeRequest.longest - head.count
      let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        count = max(0, Glibc.read(STDIN_FILENO, buffer.baseAddress, room))
      }
      guard !part.isEmpty else { return nil }
      head += part
    }
    return head
  }

  // MARK: io.systemd.Metrics

  /// Answers the calls of one connection to `io.systemd.Metrics`.
  ///
  /// - Returns: the exit status.
  package static func serveReport(path: String) -> Int32 {
    let server = VarlinkServer(
      service: SystemdMetricsInterface.service { () throws(VarlinkClientError) in try metrics(path: path) },
      label: "mcastd.report")
    let exit = ExitSignal()
    Task(executorPreference: QueueExecutor(label: "mcastd.report.start")) {
      do throws(VarlinkServerError) {
        try await server.serve(Descriptor(STDIN_FILENO), as: "standard input") {
          exit.end(ExitStatus.success)
        }
      } catch {
        Console.printError(
          "\(error): --report is for a unit with StandardInput=socket, as mcastd-report@.service.")
        exit.end(ExitStatus.systemRefused)
      }
    }
    return exit.wait()
  }
}
