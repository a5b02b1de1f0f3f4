// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Platform

struct FileContentsTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/file" }

  init() throws { directory = try TemporaryDirectory() }

  @Test("a file is read to its end, or to the limit", arguments: [0, 1, 16_384, 16_385, 100_000])
  func limit(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    try RuntimeFile.replace(path, mode: 0o600) { FileContents.write(bytes, to: $0) }
    #expect(try FileContents.read(path, limit: size + 1, onlyRegular: true) == bytes)
    #expect(try FileContents.read(path, limit: size) == bytes)
    #expect(try FileContents.read(path, limit: size / 2) == Array(bytes.prefix(size / 2)))
  }

  @Test("a file of /proc, which has no size, is read whole")
  func proc() throws {
    let text = String(decoding: try FileContents.read("/proc/self/maps", limit: 1 << 20), as: UTF8.self)
    #expect(text.hasSuffix("\n") && text.utf8.count > 4096)
  }

  @Test("what is not there, or no regular file, is an error with its errno; a FIFO is not waited for")
  func refusals() throws {
    func errno(_ path: String, onlyRegular: Bool) -> Int32? {
      do throws(FileFailure) {
        _ = try FileContents.read(path, limit: 100, onlyRegular: onlyRegular)
        return nil
      } catch {
        return error.errno
      }
    }
    #expect(errno(path, onlyRegular: false) == ENOENT)
    #expect(errno(directory.path, onlyRegular: true) == EISDIR)
    #expect(errno(directory.path, onlyRegular: false) == EISDIR)
    #expect(errno("/dev/null", onlyRegular: true) == EINVAL)
    #expect(errno("/dev/null", onlyRegular: false) == nil)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(errno(path, onlyRegular: true) == EINVAL)
    #expect(errno(path, onlyRegular: false) == nil)
  }

  @Test("a file that cannot be written stays as it was, and leaves nothing beside it")
  func replacing() throws {
    try RuntimeFile.replace(path, mode: 0o640) { FileContents.write(Array("old".utf8), to: $0) }
    #expect(throws: FileFailure(call: "write", path: path + ".new", errno: ENOSPC)) {
      try RuntimeFile.replace(path, mode: 0o640) { _ in ENOSPC }
    }
    #expect(try FileContents.read(path, limit: 100) == Array("old".utf8))
    #expect(try DirectoryNames.read(directory.path) == ["file"])
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test("a descriptor is closed with its last owner")
  func closes() throws {
    var shared: Descriptor? = Descriptor(try OwnedDescriptor(opening: "/dev/null", O_RDONLY))
    let number = try #require(shared).number
    #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
    shared = nil
    // Another test may have got the number since, but not for this file.
    var (status, null) = (stat(), stat())
    #expect(stat("/dev/null", &null) == 0)
    let isOpen = fstat(number, &status) == 0 && status.st_rdev == null.st_rdev
    #expect(!isOpen)
  }
}
