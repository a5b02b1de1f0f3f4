// SPDX-License-Identifier: Apache-2.0

import Platform

extension PeerID: Codable {
  private enum CodingKeys: CodingKey {
    case address
    case interface
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .address)
    guard let address = IPAddress(text) else {
      throw DecodingError.dataCorruptedError(forKey: .address, in: container, debugDescription: "no address")
    }
    self.init(address: address, interface: try container.decode(Int32.self, forKey: .interface))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("\(address)", forKey: .address)
    try container.encode(interface, forKey: .interface)
  }
}
