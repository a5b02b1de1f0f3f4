// SPDX-License-Identifier: Apache-2.0

/// What a host really said, one state after the other: the oracle's book, of what left on the wire.
///
/// Times are simulated nanoseconds.
struct SaidVersions {
  struct Version {
    var run: UInt64
    var words: [WireWords.Word]
    /// The heartbeats that said so.
    var first: Int64
    var last: Int64
  }

  private(set) var versions: [Version] = []
  /// The bytes of the last one's words.
  private var bytes: ArraySlice<UInt8> = []

  /// A heartbeat left.
  ///
  /// - Returns: The number of its state, and whether that is new.
  mutating func note(_ payload: [UInt8], run: UInt64, at now: Int64) -> (number: Int, isNew: Bool) {
    let words = WireWords(of: payload)
    let last = versions.count - 1
    if last >= 0, versions[last].run == run, payload[words.place] == bytes {
      versions[last].last = now
      return (last, false)
    }
    bytes = payload[words.place]
    versions.append(Version(run: run, words: words.words(of: payload), first: now, last: now))
    return (last + 1, true)
  }

  /// Whether a word was on the wire since then.
  func hasSaid(_ key: String, _ value: String, since time: Int64) -> Bool {
    for version in versions.reversed() {
      if version.last < time { return false }
      if version.words.contains(where: { $0.key == key && $0.value == value }) { return true }
    }
    return false
  }
}
