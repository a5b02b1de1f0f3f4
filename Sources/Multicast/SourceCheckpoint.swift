// SPDX-License-Identifier: Apache-2.0

import Platform

/// The last source address of heartbeats on each interface, kept over a restart. Peers identify a host by its
/// address, so the same address is chosen again if the interface still has it.
package struct SourceCheckpoint: Sendable {
  /// Maximum number of interface names. A host has few, but `interface=auto` may meet many over the years.
  package static let capacity = 64

  private let file: RuntimeFile
  /// The group of these addresses; for another group the kernel may choose others.
  private let group: Endpoint
  private var addresses: [String: IPAddress] = [:]
  private var isWritten = true

  /// - Parameter directory: the runtime directory; nil keeps nothing over a restart.
  package init(directory: String?, group: Endpoint) {
    file = RuntimeFile("sources", directory: directory)
    self.group = group
    var lines = (file.read() ?? "").split(separator: "\n")[...]
    guard lines.popFirst().map(String.init) == "\(group)" else { return }
    for line in lines.prefix(Self.capacity) {
      // Interface names contain no white space (dev_valid_name in net/core/dev.c).
      let words = line.split(separator: " ")
      guard words.count == 2, let address = IPAddress(words[0]) else { continue }
      addresses[String(words[1])] = address
    }
  }

  private init(file: RuntimeFile, group: Endpoint) {
    self.file = file
    self.group = group
  }

  /// An empty set for another group.
  package func emptied(for group: Endpoint) -> SourceCheckpoint { SourceCheckpoint(file: file, group: group) }

  /// - Parameter interface: interface name; an interface that is created again has the same one.
  package subscript(interface: String) -> IPAddress? { addresses[interface] }

  /// Records the source address in use on an interface.
  package mutating func note(_ source: IPAddress, on interface: String) {
    guard !source.isUnspecified, addresses[interface] != source else { return }
    if addresses.count >= Self.capacity, addresses[interface] == nil { addresses = [:] }
    addresses[interface] = source
    isWritten = false
  }

  /// Writes the file if its contents have changed.
  package mutating func write() throws(FileFailure) {
    guard !isWritten else { return }
    let lines = addresses.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }
    try file.write("\(group)\n" + lines.joined())
    isWritten = true
  }
}
