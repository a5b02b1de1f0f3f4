// SPDX-License-Identifier: Apache-2.0

/// What is known of a peer's lost beats: how many, and in runs of which length. 32 bytes.
///
/// A beat that arrives costs an addition; the rest is done when a run of losses ends. What is older weighs
/// half as much whenever `longestMemory` beats are remembered: at 1 Hz a loss weighs half after three to six
/// days. As networks change at once, two things make it faster:
///
/// - No loss for six times the longest stretch without one that is remembered: what was known of losses is
///   true no longer, and is forgotten. The same for runs of two and more. Of a network that lost a tenth of
///   all beats some 500 that arrive in a row are enough; of one with a burst every thousand beats it is about
///   30,000, eight hours at 1 Hz. The longest stretch and not the mean one, for losses come in bad times.
/// - Losses that come four times as often as was known: what is older weighs half with each eleven of them or
///   so, from 22 close together on.
///
/// What happens less often than a few times in `longestMemory` beats cannot be known from it.
package struct LossRuns: Equatable, Sendable {
  /// The longest run that counts as loss, in beats: a longer one is an outage, which no number of missed
  /// beats that can be chosen would bridge.
  package static var longestRun: Int { Patience.range.upperBound }
  /// Beats that are remembered at most, six days at 1 Hz. A quarter of it was not enough to see bursts that
  /// come once an hour among single losses of 1 %.
  static let longestMemory: UInt32 = 1 << memoryBits
  private static let memoryBits = 19
  /// After how many times the longest remembered stretch without a loss losses are forgotten. Of ten losses
  /// at random it is 17 mean distances in the mean, which happens by chance once in 3 x 10^7 cases.
  static let forgetfulness: UInt64 = 6
  /// The least stretch for that, in beats: a loss among the first beats of a peer tells of no stretch.
  private static let leastStretch: UInt64 = 64
  /// Beats over which runs are counted that may come closer to one another than was known.
  static let recentBeats = 64
  /// What a loss adds to `surprise`: the logarithm of four, in eighths.
  private static let surpriseOfLoss = 11
  /// The `surprise` from which on what is older weighs less: that of 22 losses close together. At ten of
  /// them each bad time of a network made the one before it be forgotten.
  private static let surprising: UInt8 = 30 * 8
  /// What the ratio from one length on weighs against the counts from the next one on, in trials.
  private static let neighbourTrials = 16.0
  /// A loss is counted in quarters, so that a single one is halved twice before it is forgotten.
  private static let quarters = 4
  /// The positions of `later`.
  private static let positions = SIMD8<UInt16>(2, 3, 4, 5, 7, 8, 11, 12)

  // In an order that leaves no gaps.

  /// Lost beats that were the second or a later one in their run, the third or a later one, and so on by
  /// `positions`, in quarters. Two neighbours tell how many runs were as long, and how many went on.
  private var later = SIMD8<UInt16>()
  /// Beats until the last loss, lost ones included; those of long ago count in part.
  private var beats: UInt32 = 0
  /// Beats that arrived since the last loss.
  private var clean: UInt32 = 0
  /// Lost beats, in quarters.
  private var lost: UInt16 = 0
  /// Up to where in `beats` the last run of two or more was, in sixteens.
  private var lastBurst: UInt16 = 0
  /// Runs in about the last `recentBeats`, in quarters, as of the last one.
  private var recentRuns: UInt8 = 0
  /// How much speaks for four times as many losses as are known, as of the last one: the logarithm of the
  /// ratio of likelihoods since that was least (CUSUM; Page 1954), in eighths.
  private var surprise: UInt8 = 0
  /// The longest stretches without a loss, and without a run of two or more.
  private var longest = Stretch()
  private var longestWithoutBurst = Stretch()

  /// Of a peer of which nothing is known.
  package init() {}

  // MARK: - Noting beats

  /// Notes a beat that arrived.
  ///
  /// - Parameter missing: Beats that were due since the one before and were not there in time, by the
  ///   network's fault or the sender's: 0 mostly. More than `longestRun` are an outage, and not counted.
  @inline(__always)
  package mutating func note(missing: UInt32 = 0) {
    if missing > 0 { note(run: missing) }
    note(arrived: 1)
  }

  /// Notes beats that arrived one after the other, none missing before any of them: the same as noting each.
  @inline(__always)
  package mutating func note(arrived count: UInt32) {
    let (sum, isOverflow) = clean.addingReportingOverflow(count)
    clean = isOverflow ? .max : sum
  }

  /// Whether the number of missed beats is to be found anew: after a loss, and now and then, for it falls as
  /// beats arrive. At 1, 2, 4, … and each 64 beats since the last loss.
  @inline(__always)
  package var isReviewDue: Bool { clean & 63 == 0 || clean & (clean &- 1) == 0 }

  /// How many of so many beats arrive up to the last one after which a review is due; nil where none is.
  package func beatsToReview(within count: UInt32) -> UInt32? {
    let end = clean.addingReportingOverflow(count)
    guard !end.overflow, count > 0 else { return count > 0 ? count : nil }
    let steady = end.partialValue & ~63
    let last = steady > clean ? steady : 1 << UInt32(31 - end.partialValue.leadingZeroBitCount)
    return last > clean ? last - clean : nil
  }

  private mutating func note(run missing: UInt32) {
    guard missing <= Self.longestRun else { return }
    self = remembered
    surprise = UInt8(clamping: Int(surpriseLeft) + Self.surpriseOfLoss)
    recentRuns = UInt8(clamping: Int((recent * Double(Self.quarters)).rounded()) + Self.quarters)
    // The lengths are those of before this run.
    let span = UInt64(beats) + UInt64(clean)
    longest.note(UInt64(clean))
    if missing > 1 { longestWithoutBurst.note(sinceBurst) }
    var halvings = max(0, UInt64.bitWidth - span.leadingZeroBitCount - Self.memoryBits)
    if surprise >= Self.surprising {
      halvings += 1
      surprise = Self.surprising / 2
      // They may be of a better time.
      longest.halve()
      longestWithoutBurst.halve()
    }
    if lost >> min(halvings, 15) > UInt16.max - UInt16(Self.quarters * Self.longestRun) { halvings += 1 }
    let places = UInt16(min(halvings, 15))
    lost >>= places
    later &>>= SIMD8(repeating: places)
    lastBurst >>= places
    longest.fade(halvings, in: span >> halvings)
    longestWithoutBurst.fade(halvings, in: span >> halvings)
    beats = UInt32(clamping: (span >> halvings) + UInt64(missing))
    if missing > 1 { lastBurst = UInt16(clamping: beats >> 4) }
    clean = 0
    lost = Self.sum(lost, Int(missing))
    for place in 0..<8 {
      later[place] = Self.sum(later[place], max(0, Int(missing) + 1 - Int(Self.positions[place])))
    }
  }

  /// A count with so many more beats.
  private static func sum(_ count: UInt16, _ beats: Int) -> UInt16 {
    UInt16(clamping: Int(count) + quarters * beats)
  }

  // MARK: - Forgetting

  /// Without what has been shown to be true no longer by the beats that arrived.
  private var remembered: LossRuns {
    guard lost > 0 else { return self }
    var rest = self
    if longest.isExceeded(by: UInt64(clean)) {
      rest = LossRuns()
      rest.clean = clean
    } else if later[0] > 0, longestWithoutBurst.isExceeded(by: sinceBurst) {
      rest.lost = runs(of: 1)
      rest.later = SIMD8()
    }
    return rest
  }

  /// Beats since the last run of two or more.
  private var sinceBurst: UInt64 {
    let last = UInt64(lastBurst) << 4
    return (UInt64(beats) > last ? UInt64(beats) - last : 0) + UInt64(clean)
  }

  /// The longest of some stretches of beats, to an eighth.
  private struct Stretch: Equatable {
    /// Its logarithm to the base of two, in eighths, which are of the same size within an octave.
    var code: UInt8 = 0

    /// At least that many beats.
    private var length: UInt64 {
      code < 8 ? UInt64(code) : UInt64(9 + code & 7) << UInt64((code >> 3) - 1) - 1
    }

    mutating func note(_ beats: UInt64) {
      let width = UInt64.bitWidth - beats.leadingZeroBitCount
      let shift = width - 4
      let other = shift < 0 ? Int(beats) : (shift + 1) << 3 + Int(beats >> UInt64(shift)) & 7
      code = max(code, UInt8(clamping: other))
    }

    mutating func halve() { code -= min(code, 8) }

    /// Three quarters of it with each halving, and no more than so many beats.
    mutating func fade(_ halvings: Int, in beats: UInt64) {
      guard halvings > 0 else { return }
      code -= UInt8(clamping: min(Int(code), 3 * halvings))
      var all = Stretch()
      all.note(beats)
      code = min(code, all.code)
    }

    /// Whether a stretch is longer than chance makes it.
    func isExceeded(by beats: UInt64) -> Bool { beats >= forgetfulness * max(leastStretch, length) }
  }

  // MARK: - Estimates

  /// The lengths from which on there is a tail: of each `lost(from:)` is known, and of the next length.
  private static let starts = [1, 2, 3, 4, 7, 11]

  /// Lost beats, in quarters, that had this position or a later one in their run: 1 to 5, 7, 8, 11 or 12.
  private func lost(from position: Int) -> UInt16 {
    switch position {
    case ...1: lost
    case 2...5: later[position - 2]
    case 7, 8: later[position - 3]
    default: later[position - 5]
    }
  }

  /// Runs of so many or more, in quarters; 0 where halving made the counts imprecise.
  private func runs(of length: Int) -> UInt16 {
    let (rest, isOverflow) = lost(from: length).subtractingReportingOverflow(lost(from: length + 1))
    return isOverflow ? 0 : rest
  }

  /// Runs in about the last `recentBeats`: of before the last one less with each beat.
  private var recent: Double {
    // Less than a thousandth is left of any.
    guard clean < 1024 else { return 0 }
    var (factor, rest, faded) = (1 - 1 / Double(Self.recentBeats), clean, Double(recentRuns))
    while rest > 0 {
      if rest & 1 == 1 { faded *= factor }
      factor *= factor
      rest >>= 1
    }
    return faded / Double(Self.quarters)
  }

  /// Runs a beat, as of the last loss.
  private var runRate: Double {
    (Double(runs(of: 1)) / Double(Self.quarters) + 0.5) / (Double(beats) + 1)
  }

  /// What is left of `surprise` after the beats that arrived: each speaks against more losses.
  private var surpriseLeft: Double {
    max(0, Double(surprise) - 8 * 3 * runRate * Double(clean))
  }

  /// Beats over which losses are known, lost ones included; those of long ago count in part.
  package var knownBeats: UInt64 {
    let known = remembered
    return UInt64(known.beats) + UInt64(known.clean)
  }

  /// The share of beats that are lost, 0 to 1, without any allowance for how little is known.
  package var lossRate: Double {
    let known = remembered
    return Double(known.lost) / Double(Self.quarters) / max(1, Double(known.beats) + Double(known.clean))
  }

  /// The longest run of losses that is remembered, in beats: 0 to 4, 6, 7, 10, 11 or 15, the greatest of
  /// those that are not told apart.
  package var longestKnownRun: Int {
    let known = remembered
    guard known.lost > 0 else { return 0 }
    for place in 0..<8 where known.later[place] == 0 { return Int(Self.positions[place]) - 1 }
    return Self.longestRun
  }

  /// Whether any loss was ever seen, forgotten ones included.
  var isLossSeen: Bool { beats > 0 }

  /// The runs that are remembered, the shortest first, without lengths of which there are none.
  var runCounts: [Patience.Explanation.Runs] {
    let known = remembered
    return zip(Self.starts, Self.starts.dropFirst() + [Self.longestRun + 1]).compactMap { start, next in
      let longer = next > Self.longestRun ? 0 : Int(known.runs(of: next))
      let runs = (max(0, Int(known.runs(of: start)) - longer) + Self.quarters / 2) / Self.quarters
      return runs > 0 ? .init(lengths: start...next - 1, count: runs) : nil
    }
  }

  /// How often runs of losses are how long, by what is known: passes each tail to a function.
  ///
  /// As beats arrive, no rate of any tail grows, and none is added: only a loss does that.
  func forEachTail(_ body: (LossTail) -> Void) {
    let known = remembered
    let span = Double(known.beats) + Double(known.clean)
    let losses = Double(known.lost) / Double(Self.quarters)
    body(LossTail(.loss, lost: losses, of: span))
    let recent = known.recent
    if Significance.likely.isMore(recent, than: known.runRate * Double(Self.recentBeats)) {
      body(LossTail(.recentLoss, lost: recent, of: Double(Self.recentBeats)))
    }
    guard known.isBursty else { return }
    // Where little is known of long runs they go on as often as shorter ones.
    var prior = known.independentRatio
    for length in Self.starts where known.lost(from: length) > 0 {
      let trials = Double(known.lost(from: length)) / Double(Self.quarters)
      let continued = Double(known.lost(from: length + 1)) / Double(Self.quarters)
      let tail = LossTail(
        cause: .bursts, from: length,
        rate: (Double(known.runs(of: length)) / Double(Self.quarters) + 0.5) / (span + 1),
        continued: continued + Self.neighbourTrials * prior, trials: trials + Self.neighbourTrials)
      body(tail)
      prior = tail.ratio
    }
  }

  /// The share of beats that are lost, as of the last loss.
  private var independentRatio: Double {
    (Double(lost) / Double(Self.quarters) + 0.5) / (Double(beats) + 1)
  }

  /// Whether losses follow losses more often than they follow any beat.
  private var isBursty: Bool {
    guard later[0] > 0 else { return false }
    for length in Self.starts where lost(from: length + 1) > 0 {
      let trials = Double(lost(from: length)) / Double(Self.quarters)
      let continued = Double(lost(from: length + 1)) / Double(Self.quarters)
      if Significance.possible.isMore(continued.rounded(.up), than: trials * independentRatio) { return true }
    }
    return false
  }
}

extension LossRuns {
  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    coder.code(&beats)
    coder.code(&clean)
    coder.code(&lost)
    coder.code(&lastBurst)
    for place in 0..<8 { coder.code(&later[place]) }
    coder.code(&recentRuns)
    coder.code(&surprise)
    coder.code(&longest.code)
    coder.code(&longestWithoutBurst.code)
  }

  /// Whether stored counts are such as could have been counted.
  var isPlausible: Bool {
    beats < Self.longestMemory + UInt32(Self.longestRun) && UInt32(lastBurst) <= beats >> 4
      && UInt64(lost) <= UInt64(Self.quarters) * UInt64(beats)
      && (0..<8).allSatisfy { later[$0] <= ($0 > 0 ? later[$0 - 1] : lost) }
  }
}
