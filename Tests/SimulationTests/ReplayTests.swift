// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Simulation

@Suite("A seed is a run")
struct ReplayTests {
  private static let minutes: Int64 = 1

  private func digest(_ seed: UInt64) -> UInt64 {
    let world = World(Scenario(seed: seed, duration: .seconds(Self.minutes * 60)))
    world.run()
    return world.digest
  }

  @Test("the same seed is the same run, another one another", arguments: [1, 2, 21])
  func same(seed: UInt64) {
    #expect(digest(seed) == digest(seed))
    #expect(digest(seed) != digest(seed + 1))
  }

  /// Hashes are seeded for each process: nothing may depend on the order of a set or a dictionary.
  @Test("it is the same in another process")
  func otherProcess() throws {
    for seed: UInt64 in [1, 3, 67] {
      let hours = Double(Self.minutes) / 60
      let output = try output(of: "simulate --seed \(seed) --hours \(hours)")
      let hexadecimal = String(digest(seed), radix: 16)
      #expect(output.contains(hexadecimal), "seed \(seed): \(output)")
    }
  }

  /// Of a program that is built beside this one.
  private func output(of command: String) throws -> String {
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count - 1)
    let place = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = place.split(separator: "/").dropLast().joined(separator: "/")
    let pipe = try #require(popen("/\(folder)/\(command)", "r"))
    defer { pclose(pipe) }
    var output = ""
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), pipe) != nil {
      output += String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return output
  }
}
