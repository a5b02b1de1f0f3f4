// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Varlink

struct VarlinkParametersTests {
  private struct Head: Codable, Equatable { var refused: Int }
  private struct Element: Codable, Equatable { var name: String }
  private struct Whole: Codable, Equatable {
    var refused: Int
    var peers: [Element]
  }
  private struct Nothing: Encodable {}

  @Test(
    "an object with a long list, encoded one by one, is the same JSON as encoded at once",
    arguments: [0, 1, 3])
  func list(count: Int) throws {
    let elements = (0..<count).map { Element(name: "\u{1b}\"\\\($0)") }
    let parameters = try #require(VarlinkParameters(Head(refused: 7), list: "peers", of: elements))
    #expect(try parameters.decode(Whole.self) == Whole(refused: 7, peers: elements))
    let alone = try #require(VarlinkParameters(Nothing(), list: "peers", of: elements))
    struct Peers: Decodable { var peers: [Element] }
    #expect(try alone.decode(Peers.self).peers == elements)
  }

  @Test("a list with an element that has no JSON has none")
  func notEncodable() {
    #expect(VarlinkParameters(Nothing(), list: "values", of: [1.0, Double.nan]) == nil)
  }
}
