// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Varlink

@Suite("Request")
struct VarlinkRequestTests {
  @Test("a full request is read")
  func full() throws {
    let text =
      #" {"method":"a.b.C","parameters":{"x":1,"a":[{}]},"oneway":true,"more":true,"upgrade":true,"new":0} "#
    let request = try VarlinkRequest(parsing: Array(text.utf8))
    #expect(request.interface == "a.b")
    #expect(request.method == "a.b.C")
    #expect(request.parameterNames == ["a", "x"])
    #expect(request.oneway && request.more && request.upgrade)
  }

  @Test(
    "parameters may be left out", arguments: [#"{"method":"a.B"}"#, #"{"method":"a.B","parameters":null}"#])
  func bare(text: String) throws {
    let request = try VarlinkRequest(parsing: text.utf8)
    #expect(!request.oneway && !request.more && !request.upgrade)
    #expect(try request.parameters(NoParameters.self) == NoParameters())
  }

  @Test(
    "what is no request is malformed",
    arguments: [
      "", " ", "{", "}", "[]", "null", "\"a.B\"", "{}", #"{"method":1}"#, #"{"method":null}"#,
      #"{"method":"a.B"}}"#, #"{"method":"a.B"} {"#, #"{"method":"a.B""#, #"{"method":"a.B"#,
      #"{"method":"a.B","parameters":[]}"#, #"{"method":"a.B","parameters":1}"#,
      #"{"method":"a.B","oneway":1}"#, #"{"method":"a.B","more":"yes"}"#, #"{'method':'a.B'}"#,
      "\u{FEFF}{\"method\":\"a.B\"}", "{\"method\":\"a.B\",\"parameters\":{\"a\":\"\n\"}}",
      "{\"method\":\"a.B\"}\0",
    ])
  func malformed(text: String) {
    #expect(throws: VarlinkError.malformedRequest) { try VarlinkRequest(parsing: text.utf8) }
  }

  @Test(
    "a method without an interface or a name is an invalid parameter", arguments: ["", "B", ".B", "a.", "."])
  func method(name: String) {
    #expect(throws: VarlinkError.invalidParameter("method")) {
      try VarlinkRequest(parsing: #"{"method":"\#(name)"}"#.utf8)
    }
  }

  @Test("bad UTF-8 is malformed, even where nobody looks")
  func encoding() {
    let bytes = Array(#"{"method":"a.B","parameters":{"a":"x"#.utf8) + [0xFF] + Array(#""}}"#.utf8)
    #expect(throws: VarlinkError.malformedRequest) { try VarlinkRequest(parsing: bytes) }
    let wide: [UInt8] = #"{"method":"a.B"}"#.utf8.flatMap { [$0, 0] }
    #expect(throws: VarlinkError.malformedRequest) { try VarlinkRequest(parsing: wide) }
  }

  @Test(
    "64 KiB of opening brackets are malformed, and do not reach the stack's end",
    arguments: ["[", "{\"\":", "{\"method\":[", "[{\"a\":"])
  func deep(unit: String) {
    let prefix = #"{"method":"a.B","parameters":"#
    let text = prefix + String(repeating: unit, count: (65_536 - prefix.utf8.count) / unit.utf8.count)
    #expect(throws: VarlinkError.malformedRequest) { try VarlinkRequest(parsing: text.utf8) }
  }

  @Test("32 levels are enough, 33 too many; brackets in strings do not count")
  func depth() throws {
    func nested(_ levels: Int) -> String {
      let arrays = levels - 2
      return #"{"method":"a.B","parameters":{"a":"# + String(repeating: "[", count: arrays)
        + #""[[[\"[[[""# + String(repeating: "]", count: arrays) + "}}"
    }
    #expect(try VarlinkRequest(parsing: nested(32).utf8).parameterNames == ["a"])
    #expect(throws: VarlinkError.malformedRequest) { try VarlinkRequest(parsing: nested(33).utf8) }
  }

  @Test("the invalid parameter is named by its path")
  func paths() throws {
    struct Inner: Decodable { var name: String }
    struct Outer: Decodable {
      var count: Int
      var peers: [Inner]
    }
    func failure(_ parameters: String) -> VarlinkError? {
      do throws(VarlinkError) {
        let request = try VarlinkRequest(parsing: #"{"method":"a.B","parameters":\#(parameters)}"#.utf8)
        _ = try request.parameters(Outer.self)
        return nil
      } catch {
        return error
      }
    }
    #expect(failure(#"{"count":1,"peers":[{"name":"x"}]}"#) == nil)
    #expect(failure("{}") == .invalidParameter("count"))
    #expect(failure(#"{"count":"1"}"#) == .invalidParameter("count"))
    // Too large for an Int: the decoder does not say where.
    #expect(failure(#"{"count":1e30,"peers":[]}"#) == .invalidParameter("parameters"))
    #expect(failure(#"{"count":1,"peers":[{"name":"x"},{}]}"#) == .invalidParameter("peers.1.name"))
    let none = try VarlinkRequest(parsing: #"{"method":"a.B"}"#.utf8)
    #expect(throws: VarlinkError.invalidParameter("count")) { try none.parameters(Outer.self) }
  }

  @Test("no cut, flipped or random message stops the parser")
  func noise() {
    let valid = Array(
      #"{"method":"a.b.C","parameters":{"x":[1,-2.5e3,"\u00e9\ud83d\ude00",null,{"y":true}]},"oneway":false}"#
        .utf8)
    var random = SeededRandom(testSeed: 2026)
    for round in 0..<4000 {
      var bytes = round % 4 == 0 ? (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) } : valid
      for _ in 0..<(round % 5) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      bytes.removeLast(round % bytes.count)
      if let request = try? VarlinkRequest(parsing: bytes) {
        #expect(request.method.hasPrefix(request.interface + "."), "round \(round)")
      }
    }
  }
}
