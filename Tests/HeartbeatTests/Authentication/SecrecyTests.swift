// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Heartbeat

@Suite("Secrets")
struct SecrecyTests {
  /// Bytes that are no text, and are in memory as they are where they are not hidden.
  private static let secret = "s2VlcC10aGlzLXNlY3JldC1hbmQtZG8tbm90LXNob3c"

  @Test("no error has a word of the file in it")
  func errors() {
    let words = [Self.secret, "\(Self.secret)=", "a", "hmac-sha256", "ed25519", "ed25519-public", "host=b"]
    // Four words in any order, as somebody mixes them up.
    for first in words {
      for second in words {
        for third in words {
          for file in ["\(first) \(second) \(third)", "\(first) \(second) \(third) \(Self.secret)"] {
            do {
              _ = try KeyFixture.ring("\(file)\n\(file)")
            } catch {
              var text = "\(error)"
              dump(error, to: &text)
              #expect(!shows(text), "\(text)")
            }
          }
        }
      }
    }
  }

  @Test("neither text nor mirror of what has a secret shows it")
  func descriptions() throws {
    let ring = try KeyFixture.ring("m hmac-sha256 \(Self.secret)\ns ed25519 \(Self.secret)")
    let seal = try #require(KeyFixture.seal(ring))
    let verifier = HeartbeatVerifier(ring, group: KeyFixture.group, now: 0)
    let file = LockedMemory(capacity: Self.secret.utf8.count) {
      $0.copyBytes(from: Self.secret.utf8)
      return $0.count
    }
    for value: Any in [ring, ring.secrets, seal, verifier, try #require(file)] {
      var text = "\(value) \(String(reflecting: value))"
      dump(value, to: &text)
      #expect(!shows(text), "\(text)")
      #expect(!mirrored(value, depth: 0).contains { $0 is UnsafeRawPointer || $0 is UnsafeMutableRawPointer })
    }
  }

  /// All that a mirror leads to.
  private func mirrored(_ value: Any, depth: Int) -> [Any] {
    depth > 16
      ? [] : [value] + Mirror(reflecting: value).children.flatMap { mirrored($0.value, depth: depth + 1) }
  }

  private func shows(_ text: String) -> Bool {
    let bytes = (0..<32).map { _ in UInt8(0) }
    var key = bytes
    _ = key.withUnsafeMutableBytes { key in
      Array(Self.secret.utf8).withUnsafeBytes { Base64.decode($0, .either, into: key) }
    }
    // Of the text five characters in a row are enough, and of the bytes four, in the ways they are printed.
    let characters = Array(Self.secret)
    return (0...(characters.count - 5)).contains { text.contains(String(characters[$0..<($0 + 5)])) }
      || (0...28).contains { text.contains(key[$0..<($0 + 4)].map(String.init).joined(separator: ", ")) }
  }

  @Test("a file of keys is in no core dump, and locked where that is allowed")
  func mapping() throws {
    let memory = try #require(LockedMemory(capacity: 10_000) { $0.count })
    let flags = try flags(of: memory)
    #expect(flags.contains("dd"), "\(flags)")
    // Pages that cannot be locked are not (`withoutLocking`).
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
    if limit.rlim_cur >= 1 << 20 { #expect(flags.contains("lo"), "\(flags)") }
    // Read and not written.
    #expect(flags.contains("rd") && !flags.contains("wr"), "\(flags)")
  }

  @Test("keys work where memory cannot be locked")
  func withoutLocking() async {
    await #expect(processExitsWith: .success) {
      // Root may lock any amount (CAP_IPC_LOCK of capabilities(7)).
      var none = rlimit(rlim_cur: 0, rlim_max: 0)
      #expect(setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &none) == 0)
      if getuid() == 0 { #expect(setuid(65_534) == 0) }
      let page = sysconf(Int32(_SC_PAGESIZE))
      let memory = mmap(nil, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      #expect(mlock(memory, page) != 0)
      let ring = try KeyFixture.ring("m hmac-sha256 \(SecrecyTests.secret)")
      let payload = try KeyFixture.sealed(by: try #require(KeyFixture.seal(ring)))
      var verifier = HeartbeatVerifier(ring, group: KeyFixture.group, now: 0)
      #expect(verifier.verify(payload) == .authenticated(key: 0))
    }
  }

  @Test("as many bytes are there as were said to be in use, and an error of the one who fills is passed on")
  func memory() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      _ = try LockedMemory(capacity: 16) { (_) throws(Stop) in throw Stop() }
    }
    for (capacity, used, count) in [(0, 0, 0), (5, 9, 5), (5, -1, 0), (5, 3, 3)] {
      let memory = try #require(
        LockedMemory(capacity: capacity) { bytes in
          bytes.copyBytes(from: Array("abcde".utf8).prefix(bytes.count))
          return used
        })
      #expect(memory.withUnsafeBytes { Array($0) } == Array(Array("abcde".utf8).prefix(count)))
    }
  }

  /// VmFlags of the mapping that has the secrets (proc(5)): `dd` is left out of core dumps, `lo` locked.
  private func flags(of memory: LockedMemory) throws -> [Substring] {
    let place = memory.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    var isInside = false
    for line in try SourceTree.text("/proc/self/smaps").split(separator: "\n") {
      let words = line.split(separator: " ")
      let ends = words.first?.split(separator: "-").compactMap { UInt($0, radix: 16) } ?? []
      if ends.count == 2 { isInside = ends[0] <= place && place < ends[1] }
      if isInside, words.first == "VmFlags:" { return Array(words.dropFirst()) }
    }
    return []
  }
}
