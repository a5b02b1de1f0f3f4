// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Varlink

@Suite("Message framer")
struct MessageFramerTests {
  @Test("messages come out whole, however they went in", arguments: [1, 2, 3, 5, 100])
  func pieces(size: Int) throws {
    let stream = Array("one\0\0three\0rest".utf8)
    var framer = MessageFramer(limit: 5)
    var messages: [String] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      framer.append(stream[start..<min(start + size, stream.count)])
      while let message = try framer.next() { messages.append(String(decoding: message, as: UTF8.self)) }
    }
    #expect(messages == ["one", "", "three"])
    framer.append([0])
    #expect(try framer.next() == Array("rest".utf8))
  }

  @Test("a message of the limit passes, one byte more does not")
  func limit() throws {
    var framer = MessageFramer(limit: 4)
    framer.append(Array("1234".utf8))
    #expect(try framer.next() == nil)
    framer.append([0])
    #expect(try framer.next()?.count == 4)
    framer.append(Array("12345\0".utf8))
    #expect(throws: MessageFramer.TooLong(limit: 4)) { try framer.next() }
    #expect(throws: MessageFramer.TooLong(limit: 4)) { try framer.next() }
  }

  @Test("a message that does not end is too long without its NUL")
  func endless() {
    var framer = MessageFramer(limit: 4)
    framer.append(Array("12345".utf8))
    #expect(throws: MessageFramer.TooLong.self) { try framer.next() }
  }

  @Test("a long message that comes byte by byte is looked through once")
  func linear() throws {
    var framer = MessageFramer(limit: 1 << 20)
    let clock = ContinuousClock()
    let time = try clock.measure {
      for _ in 0..<(1 << 20) {
        framer.append(CollectionOfOne(1))
        _ = try framer.next()
      }
    }
    // Looking at all that is there each time would be 5e11 steps.
    #expect(time < .seconds(20))
    framer.append([0])
    #expect(try framer.next()?.count == 1 << 20)
  }
}
