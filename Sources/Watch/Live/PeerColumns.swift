// SPDX-License-Identifier: Apache-2.0

/// Columns of the peer table and their positions. Less important columns need a wider terminal.
struct PeerColumns: Equatable, Sendable {
  enum Number: CaseIterable, Sendable {
    case last
    case interval
    case missed
    case jitter
    case offset

    var title: String {
      switch self {
      case .last: "LAST"
      case .interval: "EVERY"
      case .missed: "MISSED"
      case .jitter: "JITTER"
      case .offset: "OFFSET"
      }
    }

    /// Including the gap before the column.
    fileprivate var width: Int { self == .interval ? 6 : 7 }
  }

  /// Possible widths of the sparkline: divisors of 60 seconds.
  private static let sparkWidths = [60, 30, 20, 15, 12, 10]
  private static let smallestNote = 14

  /// Width of the state: symbol and word, or the symbol alone.
  private(set) var state = 9
  private(set) var address: Range<Int>
  private(set) var interface: Range<Int>?
  /// The end column of each number.
  private(set) var numbers: [(column: Number, end: Int)] = []
  private(set) var spark: Range<Int>?
  private(set) var note: Range<Int>?

  /// - Parameters:
  ///   - width: Columns of the terminal.
  ///   - addressWidth: Columns of the longest address.
  ///   - interfaceWidth: Columns of the longest interface name, 0 with a single interface.
  init(width: Int, addressWidth: Int, interfaceWidth: Int) {
    if width < 32 { state = 1 }
    let start = state + 1
    var taken = start + max(4, min(addressWidth, width - start - 7))
    address = start..<taken
    if interfaceWidth > 0, taken + 1 + interfaceWidth + 7 <= width {
      interface = (taken + 1)..<(taken + 1 + interfaceWidth)
      taken += 1 + interfaceWidth
    }
    let smallest = 2 + (Self.sparkWidths.last ?? 0)
    var chosen: Set<Number> = []
    var sparkRoom = 0
    func fits(_ more: Int) -> Bool { taken + sparkRoom + more <= width }
    for number in [Number.last, .missed] where fits(number.width) {
      chosen.insert(number)
      taken += number.width
    }
    if fits(smallest) { sparkRoom = smallest }
    for number in [Number.interval, .jitter, .offset] where fits(number.width) {
      chosen.insert(number)
      taken += number.width
    }
    var end = interface?.upperBound ?? address.upperBound
    for number in Number.allCases where chosen.contains(number) {
      end += number.width
      numbers.append((number, end))
    }
    guard sparkRoom > 0 else { return }
    let room = width - taken - 2
    let wide = Self.sparkWidths.first { $0 + 2 + Self.smallestNote <= room && $0 >= 30 }
    let spark = wide ?? Self.sparkWidths.first { $0 <= room } ?? 0
    self.spark = (taken + 2)..<(taken + 2 + spark)
    let rest = (taken + 2 + spark + 2)..<max(width, taken + 2 + spark + 2)
    if rest.count >= Self.smallestNote { note = rest }
  }

  static func == (one: PeerColumns, other: PeerColumns) -> Bool {
    one.state == other.state && one.address == other.address && one.interface == other.interface
      && one.numbers.map(\.end) == other.numbers.map(\.end) && one.spark == other.spark
      && one.note == other.note
  }
}
