// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Systemd

struct DescriptorStoreTests {
  @Test("a descriptor is stored under its name, without polling, and removed by it")
  func store() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let receiver = try DatagramReceiver(in: directory)
      setenv("NOTIFY_SOCKET", "\(directory.path)/socket", 1)
      var pair: [Int32] = [-1, -1]
      try #require(pipe(&pair) == 0)
      let store = DescriptorStore()
      let name = DescriptorName("receiver ff02::1 5001 eth0")

      try store.store(pair[0], as: name)
      let stored = try #require(receiver.receive())
      #expect(
        String(decoding: stored.bytes, as: UTF8.self)
          == "FDSTORE=1\nFDNAME=receiver ff02%3a%3a1 5001 eth0\nFDPOLL=0")
      let passed = try #require(stored.descriptor)
      var (ours, theirs) = (stat(), stat())
      #expect(fstat(pair[0], &ours) == 0 && fstat(passed, &theirs) == 0)
      #expect(ours.st_ino == theirs.st_ino)

      try store.remove(name)
      let removed = try #require(receiver.receive())
      #expect(
        String(decoding: removed.bytes, as: UTF8.self)
          == "FDSTOREREMOVE=1\nFDNAME=receiver ff02%3a%3a1 5001 eth0")
      #expect(removed.descriptor == nil)
    }
  }

  @Test("what systemd hands over is taken once, non-blocking, and not inherited")
  func receive() async {
    await #expect(processExitsWith: .success) {
      // Descriptors 3 and 4 are the test process's own by now; a copy of a pipe takes their place.
      var pair: [Int32] = [-1, -1]
      try #require(pipe(&pair) == 0)
      try #require(dup2(pair[0], 3) == 3 && dup2(pair[1], 4) == 4)
      setenv("LISTEN_PID", "\(getpid())", 1)
      setenv("LISTEN_FDS", "2", 1)
      setenv("LISTEN_FDNAMES", "receiver 239.1.1.1 5001 eth0:ff02%3a%3a1", 1)

      let stored = try DescriptorStore.receive()
      #expect(stored.map(\.descriptor) == [3, 4])
      #expect(stored.map(\.name.text) == ["receiver 239.1.1.1 5001 eth0", "ff02::1"])
      for descriptor in stored.map(\.descriptor) {
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
      }
      #expect(try DescriptorStore.receive() == [])
      #expect(getenv("LISTEN_FDS") == nil)
    }
  }

  @Test("descriptors for another process are not ours")
  func notOurs() async {
    await #expect(processExitsWith: .success) {
      setenv("LISTEN_PID", "1", 1)
      setenv("LISTEN_FDS", "1", 1)
      let stored = try DescriptorStore.receive()
      #expect(stored.isEmpty)
    }
  }

  @Test("descriptors that are not there are an error")
  func missing() async {
    await #expect(processExitsWith: .success) {
      setenv("LISTEN_PID", "\(getpid())", 1)
      setenv("LISTEN_FDS", "100000", 1)
      #expect(throws: SystemdError.self) { try DescriptorStore.receive() }
    }
  }
}

struct DescriptorNameTests {
  @Test(
    "a name is what systemd accepts, and gives its text back",
    arguments: [
      ("receiver 239.1.1.1 5001 eth0", "receiver 239.1.1.1 5001 eth0"), ("ff02::1", "ff02%3a%3a1"),
      ("100%", "100%25"), ("a\nFDSTORE=1", "a%0aFDSTORE=1"), ("ü", "%c3%bc"), ("", ""), ("%3a", "%253a"),
    ])
  func reversible(text: String, name: String) {
    #expect(DescriptorName(text).description == name)
    #expect(DescriptorName(text).text == text)
    #expect(DescriptorName(stored: name).text == text)
    #expect(DescriptorName(stored: name) == DescriptorName(text))
  }

  @Test("long names stay within 255 bytes and stay different")
  func long() {
    let common = String(repeating: "eth0 ", count: 60)
    let (one, other) = (DescriptorName(common + "1"), DescriptorName(common + "2"))
    #expect(one.description.utf8.count <= 255 && other.description.utf8.count <= 255)
    #expect(one != other)
    #expect(one == DescriptorName(common + "1"))
    #expect(one.text == nil)
    let longest = String(repeating: "x", count: 255)
    #expect(DescriptorName(longest).description == longest)
  }

  @Test("names of others that are not ours have no text", arguments: ["%", "%3", "%zz", "%ff", "%+1"])
  func foreign(name: String) {
    #expect(DescriptorName(stored: name).text == nil)
  }
}

/// Turns names back, to show that different texts have different names.
extension DescriptorName {
  /// The text that the name was made of; nil when it was cut, or is none of ours.
  fileprivate var text: String? {
    var bytes: [UInt8] = []
    var rest = description.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      // UInt8(_:radix:) would also take a sign.
      guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit), let code = UInt8(digits, radix: 16)
      else {
        return nil
      }
      bytes.append(code)
      rest.removeFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
