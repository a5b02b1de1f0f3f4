// SPDX-License-Identifier: Apache-2.0

/// The keys of a file: which there are, and which is meant by an ID on the wire. The secrets are in locked
/// memory, and nothing here shows them; copies share it.
package struct KeyRing: Sendable {
  /// A key, without its secret.
  package struct Key: Sendable {
    /// `[A-Za-z0-9._-]`, 1 to 32 bytes.
    package let id: String
    /// `ed25519` also where the public key has a line of its own.
    package let algorithm: KeyAlgorithm
    /// In the file, from 1.
    let line: Int
    /// Nil where the key is good for every host.
    let hosts: SortedNames?

    /// Whether heartbeats of a host may be authenticated by this key. Names are compared byte for byte, as
    /// they stand on the wire: `Alpha` is not `alpha`, since nothing on the wire says that they are one.
    ///
    /// - Parameter host: Its name; empty where a heartbeat has none, for which a key with `host=` is no good.
    package func isGood(for host: UnsafeRawBufferPointer) -> Bool {
      hosts.map { $0.place(of: host) != nil } ?? true
    }
  }

  /// Those of `mac=` in the order of IDs, then those of `sig=` in the same order.
  package let keys: [Key]
  private let macs: SortedNames
  private let signatures: SortedNames
  /// A slot for each of `keys`.
  let secrets: KeySecrets

  /// The keys of a file.
  ///
  /// - Parameter file: The bytes of the whole file, which belong into `LockedMemory` as well.
  /// - Throws: What is wrong with it, for every line.
  package init(_ file: UnsafeRawBufferPointer) throws(KeyFileError) {
    let (lines, faults) = KeyFile.lines(of: file)
    let keys = KeyLines(lines, faults: faults)
    // Decoded even where there are faults, so that all of them are told.
    let secrets = try KeySecrets(count: keys.sorted.count, scratch: file.count) {
      slots throws(KeyFileError) in try keys.decode(from: file, into: slots)
    }
    guard let secrets else { throw KeyFileError([KeyFileFault(line: 0, problem: .memory)]) }
    self.secrets = secrets
    self.keys = keys.sorted.map { key in
      Key(
        id: String(decoding: key.id, as: UTF8.self), algorithm: key.first.algorithm, line: key.first.number,
        hosts: key.hosts)
    }
    macs = SortedNames(keys.sorted.filter(\.isMAC).map(\.id))
    signatures = SortedNames(keys.sorted.filter { !$0.isMAC }.map(\.id))
  }

  /// The place in `keys` of the key that checks `mac=` or `sig=` with an ID.
  func place(of id: UnsafeRawBufferPointer, _ word: AuthenticationWord.Kind) -> Int? {
    switch word {
    case .mac: macs.place(of: id)
    case .signature: signatures.place(of: id).map { macs.count + $0 }
    }
  }

  /// Whether a key may seal heartbeats of a host.
  package func canSeal(for host: HostName) -> Bool {
    host.withUTF8 { signingPlace(.mac, host: $0) ?? signingPlace(.signature, host: $0) } != nil
  }

  /// The place of the first key in the file that may make a word for a host: one with a secret, and good for
  /// that host.
  func signingPlace(_ word: AuthenticationWord.Kind, host: UnsafeRawBufferPointer) -> Int? {
    let algorithm: KeyAlgorithm = word == .mac ? .hmacSHA256 : .ed25519
    return keys.indices.filter { keys[$0].algorithm == algorithm && keys[$0].isGood(for: host) }
      .min { keys[$0].line < keys[$1].line }
  }
}

extension KeyRing {
  /// The keys in the order of the file, as `ID ALGORITHM`, `(seals)` after those that seal heartbeats of the
  /// host.
  ///
  /// - Parameter host: Nil where nothing is sent.
  package func summary(sealing host: HostName?) -> [String] {
    let places =
      host?.withUTF8 { [signingPlace(.mac, host: $0), signingPlace(.signature, host: $0)] } ?? []
    return keys.indices.sorted { keys[$0].line < keys[$1].line }.map {
      "\(keys[$0].id) \(keys[$0].algorithm.rawValue)\(places.contains($0) ? " (seals)" : "")"
    }
  }
}

extension KeyRing: CustomStringConvertible {
  /// The IDs with their algorithms.
  package var description: String {
    keys.map { "\($0.id) \($0.algorithm.rawValue)" }.joined(separator: ", ")
  }
}
