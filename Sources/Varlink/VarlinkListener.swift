// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// A listening AF_UNIX stream socket at a path.
struct VarlinkListener {
  let descriptor: Descriptor
  private let path: String
  /// Identifies our socket file, which another process may have replaced.
  private let identity: FileIdentity

  /// A path, and the same as an address.
  private struct Place {
    var path: String
    var address: UnixAddress

    /// - Parameter limit: in bytes, for what is not to be a socket's path.
    init(_ path: String, limit: Int) throws(VarlinkServerError) {
      guard path.utf8.count <= limit, let address = UnixAddress(path: path) else {
        throw .pathTooLong(path: path, limit: limit)
      }
      self.path = path
      self.address = address
    }
  }

  private struct FileIdentity: Equatable {
    var device: dev_t
    var inode: ino_t
  }

  /// Room for the suffix of the name that a replacement is bound under, `.` and a process id in base 36.
  private static let suffixLength = 8

  /// Binds and listens; every user may connect, whatever the umask. A socket file without a listener is
  /// replaced.
  ///
  /// Two servers that replace the same file at the same moment both succeed, and one of them is unreachable.
  ///
  /// - Throws: what `VarlinkServerError` lists, but for `alreadyStarted`.
  init(path: String) throws(VarlinkServerError) {
    let place = try Place(path, limit: UnixAddress.longestPath - Self.suffixLength)
    self.path = path
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(AF_UNIX, type, 0)
    guard number >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
    descriptor = Descriptor(number)

    switch Self.bind(number, place) {
    case 0:
      try Self.open(number, path)
    case EADDRINUSE:
      try Self.checkLeftover(place)
      let temporary = try Place(
        "\(path).\(String(getpid(), radix: 36))", limit: UnixAddress.longestPath)
      unlink(temporary.path)
      let failure = Self.bind(number, temporary)
      guard failure == 0 else { throw .system(call: "bind", path: temporary.path, errno: failure) }
      do throws(VarlinkServerError) {
        try Self.open(number, temporary.path)
        // rename(2) is atomic: a client finds the old socket or the new one, never none.
        guard rename(temporary.path, path) == 0 else {
          throw .system(call: "rename", path: path, errno: errno)
        }
      } catch {
        unlink(temporary.path)
        throw error
      }
    case let failure:
      throw .system(call: "bind", path: path, errno: failure)
    }
    guard let identity = Self.identity(of: path) else {
      throw .system(call: "lstat", path: path, errno: errno)
    }
    self.identity = identity
  }

  /// Removes the socket file, unless another process has replaced it.
  func unlinkPath() {
    if Self.identity(of: path) == identity { unlink(path) }
  }

  /// - Returns: 0, or errno.
  private static func bind(_ number: Int32, _ place: Place) -> Int32 {
    place.address.withSockaddr { Glibc.bind(number, $0, $1) == 0 ? 0 : errno }
  }

  private static func open(_ number: Int32, _ path: String) throws(VarlinkServerError) {
    guard chmod(path, 0o666) == 0 else { throw .system(call: "chmod", path: path, errno: errno) }
    guard listen(number, SOMAXCONN) == 0 else { throw .system(call: "listen", path: path, errno: errno) }
  }

  /// Throws unless the path is free, or a socket without a listener.
  private static func checkLeftover(_ place: Place) throws(VarlinkServerError) {
    let path = place.path
    var status = stat()
    guard lstat(path, &status) == 0 else {
      // Removed meanwhile: rename(2) is free to take the path.
      if errno == ENOENT { return }
      throw .system(call: "lstat", path: path, errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(AF_UNIX, type, 0)
    guard number >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
    let probe = Descriptor(number)
    switch place.address.withSockaddr({ connect(probe.number, $0, $1) == 0 ? 0 : errno }) {
    case ECONNREFUSED, ENOENT: return
    // EAGAIN: somebody listens, and the backlog is full.
    case 0, EAGAIN: throw .inUse(path: path)
    case let errno: throw .system(call: "connect", path: path, errno: errno)
    }
  }

  private static func identity(of path: String) -> FileIdentity? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return FileIdentity(device: status.st_dev, inode: status.st_ino)
  }
}
