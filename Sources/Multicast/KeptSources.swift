// SPDX-License-Identifier: Apache-2.0

import Platform

/// The address that heartbeats left from last on each interface, also over a restart. To peers another
/// address is another host, so it is taken again wherever the interface has it.
package struct KeptSources: Sendable {
  /// Names remembered; a host has a few, but `interface=auto` may meet many over the years.
  package static let capacity = 64

  private let file: RuntimeFile
  /// Whose they are: for another group the kernel may choose others.
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
      // No interface has white space in its name (dev_valid_name in net/core/dev.c).
      let words = line.split(separator: " ")
      guard words.count == 2, let address = IPAddress(words[0]) else { continue }
      addresses[String(words[1])] = address
    }
  }

  private init(file: RuntimeFile, group: Endpoint) {
    self.file = file
    self.group = group
  }

  /// None yet, for another group.
  package func emptied(for group: Endpoint) -> KeptSources { KeptSources(file: file, group: group) }

  /// - Parameter interface: its name, which an interface that replaces it has again.
  package subscript(interface: String) -> IPAddress? { addresses[interface] }

  /// Heartbeats leave from this address from now on.
  package mutating func note(_ source: IPAddress, on interface: String) {
    guard !source.isUnspecified, addresses[interface] != source else { return }
    if addresses.count >= Self.capacity, addresses[interface] == nil { addresses = [:] }
    addresses[interface] = source
    isWritten = false
  }

  /// Writes the file, unless it says so already.
  package mutating func write() throws(FileFailure) {
    guard !isWritten else { return }
    let lines = addresses.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }
    try file.write("\(group)\n" + lines.joined())
    isWritten = true
  }
}
