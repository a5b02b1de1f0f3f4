// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Platform
@testable import Varlink

@Suite("Listening socket")
struct VarlinkListenerTests {
  @Test("anyone may connect, whatever the umask")
  func mode() async throws {
    // The umask is the process's: a process of its own for it.
    await #expect(processExitsWith: .success) {
      umask(0o077)
      try await Fixture.with { fixture in
        var status = stat()
        #expect(lstat(fixture.path, &status) == 0)
        #expect(status.st_mode == S_IFSOCK | 0o666)
      }
    }
  }

  @Test("what a dead server left is replaced, and nothing else is left behind")
  func leftover() async throws {
    let fixture = try await Fixture(listens: false)
    let path = fixture.path
    do {
      let dead = Descriptor(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
      #expect(UnixAddress(path: path)?.withSockaddr { bind(dead.number, $0, $1) } == 0)
    }
    try await fixture.server.listen(at: path)
    var status = stat()
    #expect(lstat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o666)
    let reply = try await blocking {
      try VarlinkClient.connect(path).call(
        "org.example.test.Echo", parameters: Fixture.Text(text: "x"), reply: Fixture.Text.self)
    }
    #expect(reply.text == "x")
    await fixture.server.stop()
    #expect(rmdir(fixture.directory.path) == 0)
  }

  @Test("a server that lives is not replaced")
  func alive() async throws {
    try await Fixture.with { fixture in
      let path = fixture.path
      let second = try await Fixture(listens: false)
      await #expect(throws: VarlinkServerError.inUse(path: path)) { try await second.server.listen(at: path) }
      let client = try await blocking { try RawClient(path) }
      withExtendedLifetime(client) {}
    }
  }

  @Test("a file that is no socket stays")
  func file() async throws {
    let fixture = try await Fixture(listens: false)
    let path = fixture.path
    close(open(path, O_CREAT | O_WRONLY, 0o600))
    await #expect(throws: VarlinkServerError.notASocket(path: path)) {
      try await fixture.server.listen(at: path)
    }
    #expect(access(path, F_OK) == 0)
  }

  @Test("a stopped server leaves another's socket where it is")
  func successor() async throws {
    let first = try await Fixture()
    let path = first.path
    unlink(path)
    let second = try await Fixture(listens: false)
    try await second.server.listen(at: path)
    await first.server.stop()
    #expect(access(path, F_OK) == 0)
    await second.server.stop()
    #expect(access(path, F_OK) != 0)
  }

  @Test("a path that is too long, empty, or in no directory, is refused with the reason")
  func path() async throws {
    let fixture = try await Fixture(listens: false)
    let long = "/tmp/" + String(repeating: "x", count: 200)
    for path in [long, ""] {
      let error = await #expect(throws: VarlinkServerError.pathTooLong(path: path, limit: 99)) {
        try await fixture.server.listen(at: path)
      }
      #expect(error?.description == "\(path): not a socket's path (1 to 99 bytes)")
    }
    await #expect(throws: VarlinkServerError.system(call: "bind", path: "/nowhere/socket", errno: ENOENT)) {
      try await fixture.server.listen(at: "/nowhere/socket")
    }
  }
}
