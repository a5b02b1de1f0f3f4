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
    var encoder = try #require(VarlinkParameters.ListEncoder(Head(refused: 7), list: "peers"))
    let areAppended = elements.map { encoder.append($0) }
    #expect(!areAppended.contains(false))
    let parameters = encoder.finish()
    #expect(try parameters.decode(Whole.self) == Whole(refused: 7, peers: elements))
    var bare = try #require(VarlinkParameters.ListEncoder(Nothing(), list: "peers"))
    for element in elements { _ = bare.append(element) }
    let alone = bare.finish()
    struct Peers: Decodable { var peers: [Element] }
    #expect(try alone.decode(Peers.self).peers == elements)
  }

  @Test("an element that has no JSON is left out of the list")
  func notEncodable() throws {
    var encoder = try #require(VarlinkParameters.ListEncoder(Nothing(), list: "values"))
    let areAppended = [1.0, Double.nan, 2.0].map { encoder.append($0) }
    #expect(areAppended == [true, false, true])
    struct Values: Decodable { var values: [Double] }
    let parameters = encoder.finish()
    #expect(try parameters.decode(Values.self).values == [1, 2])
  }
}
