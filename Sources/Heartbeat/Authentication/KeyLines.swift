// SPDX-License-Identifier: Apache-2.0

/// The lines of a file as keys. A seed and its public key may share an ID, as `mcastd key new` prints them,
/// and are one key then.
struct KeyLines {
  /// A line, or the two of a seed and its public key.
  struct Key {
    /// The seed's, if there is one.
    let first: KeyFile.Line
    /// The public key's, where there is a seed as well.
    let second: KeyFile.Line?

    var id: [UInt8] { first.id }
    var isMAC: Bool { first.algorithm == .hmacSHA256 }

    /// The hosts that each of its lines allows.
    var hosts: SortedNames? {
      guard let other = second?.hosts else { return first.hosts }
      return first.hosts?.intersection(other) ?? other
    }
  }

  /// First the keys of `mac=`, then those of `sig=`, each in the order of IDs.
  let sorted: [Key]
  private let faults: [KeyFileFault]

  /// - Parameter faults: What is wrong with other lines.
  init(_ lines: [KeyFile.Line], faults: [KeyFileFault]) {
    var faults = faults
    var found: [KeyAlgorithm: [[UInt8]: KeyFile.Line]] = [:]
    for line in lines {
      if let earlier = found[line.algorithm]?[line.id] {
        faults.append(KeyFileFault(line: line.number, problem: .repeated(line: earlier.number)))
      } else {
        found[line.algorithm, default: [:]][line.id] = line
      }
    }
    let seeds = found[.ed25519] ?? [:]
    let publics = found[.ed25519Public] ?? [:]
    let keys =
      (found[.hmacSHA256] ?? [:]).values.map { Key(first: $0, second: nil) }
      + seeds.values.map { Key(first: $0, second: publics[$0.id]) }
      + publics.values.filter { seeds[$0.id] == nil }.map { Key(first: $0, second: nil) }
    sorted = keys.sorted { one, other in
      one.isMAC != other.isMAC ? one.isMAC : one.id.lexicographicallyPrecedes(other.id)
    }
    self.faults = faults
  }

  /// Decodes each key into the slot of its place in `sorted`.
  ///
  /// - Throws: All that is wrong with the file.
  func decode(
    from file: UnsafeRawBufferPointer, into slots: KeySlots
  ) throws(KeyFileError) {
    var faults = faults
    func decode(_ line: KeyFile.Line, into place: Int, besideSeedOf seed: KeyFile.Line?) -> Bool {
      let text = UnsafeRawBufferPointer(rebasing: file[line.key])
      let problem = slots.decode(text, line.algorithm, into: place, besideSeedOfLine: seed?.number)
      if let problem { faults.append(KeyFileFault(line: line.number, problem: problem)) }
      return problem == nil
    }
    for (place, key) in sorted.enumerated() {
      let isFirst = decode(key.first, into: place, besideSeedOf: nil)
      if let second = key.second { _ = decode(second, into: place, besideSeedOf: isFirst ? key.first : nil) }
    }
    guard faults.isEmpty else { throw KeyFileError(faults) }
  }
}
