// SPDX-License-Identifier: Apache-2.0

import Testing

/// An independent witness of the daemon's beats, which go to a port of their own (``settings``), so that
/// neither the traffic that a test makes nor what the journal takes says anything about them.
struct BeatWatch {
  /// For a drop-in's `Environment=`.
  static let settings = "MCASTD_PUBLISH_PORT=5009"

  private let receiver: ChildProcess

  static func watching<T>(_ container: Container, _ body: (BeatWatch) async throws -> T) async throws -> T {
    try await container.peer("receiver", "--share", "--port", "5009", "--interface", "127.0.0.1") {
      receiver in
      try await receiver.line { $0.contains("ATU ") }
      return try await body(BeatWatch(receiver: receiver))
    }
  }

  /// Waits for two more beats, and expects that none was left out: they are a second apart, so that between
  /// two that follow one another there are less than two seconds, however busy the machine.
  func expectNoneMissing(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await receiver.lines(receiver.lines.count + 2)
    let beats = receiver.lines.filter { $0.contains("ATU ") }
      .compactMap { $0.split(separator: " ").first.flatMap { Double($0) } }
    let gaps = zip(beats, beats.dropFirst()).map { $1 - $0 }
    #expect(gaps.allSatisfy { $0 < 1.9 }, "seconds between beats: \(gaps)", sourceLocation: sourceLocation)
  }
}
