// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Platform

struct DirectoryNamesTests {
  @Test("a name is read to its end and no further: an entry may be the last before unmapped memory")
  func staysInEntry() throws {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let map = try #require(mmap(nil, page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { munmap(map, page * 2) }
    #expect(mprotect(map + page, page, PROT_NONE) == 0)
    let offset = try #require(MemoryLayout<dirent>.offset(of: \.d_name))
    let name = Array("eth0".utf8) + [0]
    // As short as readdir(3) makes them: the kernel rounds up to 8 bytes (d_reclen).
    let start = map + page - (offset + name.count + 7) / 8 * 8
    (start + offset).copyMemory(from: name, byteCount: name.count)
    #expect(DirectoryNames.name(start.assumingMemoryBound(to: dirent.self)) == "eth0")
  }

  @Test("all names but . and .., of any length, and what does not exist is refused with its errno")
  func readsNames() throws {
    var template = Array("/tmp/names-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    let names = ["a", ".hidden", String(repeating: "x", count: 255), "ü"]
    defer {
      for name in names { unlink("\(path)/\(name)") }
      rmdir(path)
    }
    for name in names { close(open("\(path)/\(name)", O_CREAT | O_WRONLY, 0o600)) }
    #expect(try DirectoryNames.read(path).sorted() == names.sorted())
    #expect(try DirectoryNames.read(path, limit: 3).count == 3)
    #expect(throws: DirectoryNames.Refused(errno: ENOENT)) { try DirectoryNames.read("\(path)/none") }
    #expect(throws: DirectoryNames.Refused(errno: ENOTDIR)) { try DirectoryNames.read("\(path)/a") }
  }
}
