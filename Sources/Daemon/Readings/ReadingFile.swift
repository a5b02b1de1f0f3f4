// SPDX-License-Identifier: Apache-2.0

import CLinux
import Facts
import Glibc
import Heartbeat
import Platform

/// The file of a reading, read once. Each call here waits as long as the file system does.
struct ReadingFile: Sendable {
  private typealias Problem = ReadingFileFault.Problem

  /// Bytes of the longest path (PATH_MAX).
  private static let longestPath = 4096

  /// What it says; nil where there is no such name any more.
  private(set) var content: Result<ReadingValue, ReadingFileFault.Problem>?
  /// When it was written, in nanoseconds since the epoch.
  private(set) var modified: Int64 = 0
  private(set) var system = FileSystemKind(magic: 0)
  /// The names on the way to it, outside the directory of readings.
  private(set) var watched: Set<WatchedName> = []

  /// A symlink on the way.
  private struct Link {
    var path: String
    var owner: uid_t
    var target: String
  }

  /// - Parameters:
  ///   - path: In the directory of readings.
  ///   - watch: Has the directories watched in which the file and symlinks to it are, before they are read,
  ///     so that no change between is missed. Those that cannot be watched are not.
  init(_ path: String, watch: DirectoryWatch?) {
    do throws(Problem) {
      content = .success(try read(path, watch))
    } catch .refused(call: "open", errno: ENOENT) {
      content = nil
    } catch {
      content = .failure(error)
    }
  }

  private mutating func read(_ path: String, _ watch: DirectoryWatch?) throws(Problem) -> ReadingValue {
    var links: [Link] = []
    while true {
      let file = try held(links.last?.target ?? path, isTarget: !links.isEmpty)
      var status = stat()
      guard fstat(file.number, &status) == 0 else { throw .refused(call: "fstat", errno: errno) }
      switch status.st_mode & S_IFMT {
      case S_IFLNK:
        guard links.count < ReadingFileFault.mostLinks else { throw .links }
        let link = try Self.link(file, links.last?.target ?? path, owner: status.st_uid)
        follow(link.target, watch)
        links.append(link)
      case S_IFREG: return try read(file, status, links)
      case S_IFDIR: throw .isDirectory
      default: throw .notRegular
      }
    }
  }

  /// Holds a file without opening it, which may have an effect (a watchdog starts) or wait (for the other end
  /// of a FIFO), and without following a symlink: who may have made it is known then.
  private func held(_ path: String, isTarget: Bool) throws(Problem) -> OwnedDescriptor {
    do throws(FileFailure) {
      return try OwnedDescriptor(opening: path, Int32(CLINUX_O_PATH) | O_NOFOLLOW)
    } catch {
      guard isTarget, error.errno == ENOENT || error.errno == ENOTDIR else {
        throw .refused(call: "open", errno: error.errno)
      }
      throw .dangling(path)
    }
  }

  private static func link(
    _ file: borrowing OwnedDescriptor, _ path: String, owner: uid_t
  ) throws(Problem) -> Link {
    guard let text = target("", at: file.number) else { throw .refused(call: "readlink", errno: errno) }
    let folder = path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
    return Link(path: path, owner: owner, target: text.hasPrefix("/") ? text : folder + text)
  }

  /// - Returns: Nil with errno.
  private static func target(_ path: String, at directory: Int32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: longestPath) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlinkat(directory, path, start, buffer.count)
      return count < 0
        ? nil : String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }

  private mutating func follow(_ target: String, _ watch: DirectoryWatch?) {
    guard let watch, let slash = target.lastIndex(of: "/") else { return }
    let folder = slash == target.startIndex ? "/" : String(target[..<slash])
    if let number = try? watch.add(folder) {
      watched.insert(WatchedName(watch: number, name: String(target[target.index(after: slash)...])))
    }
  }

  // MARK: The file itself

  private mutating func read(
    _ file: borrowing OwnedDescriptor, _ status: stat, _ links: [Link]
  ) throws(Problem) -> ReadingValue {
    try Self.checkOwners(of: links, file: status.st_uid)
    modified = ReadingFileAge.nanoseconds(
      second: Int64(status.st_mtim.tv_sec), nanosecond: Int64(status.st_mtim.tv_nsec))
    system = FileSystemKind(magic: Int64(clinux_fstatfs_type(file.number)))
    return try ReadingContent.value(of: try Self.bytes(of: file), scale: scale(file, links))
  }

  /// Who may write to a directory that a symlink leads to must not make us publish what only we may read, as
  /// our keys: that a symlink may lead to a file of another owner is for root and ourselves.
  private static func checkOwners(of links: [Link], file owner: uid_t) throws(Problem) {
    for link in links where link.owner != 0 && link.owner != geteuid() && link.owner != owner {
      throw .strangersLink(link.path)
    }
  }

  /// By what the symlinks say, or else by where the kernel has the file: a symlink may lead there by a
  /// directory of another name.
  private func scale(_ file: borrowing OwnedDescriptor, _ links: [Link]) -> SensorScale? {
    for link in links { if let scale = SensorScale(path: link.target) { return scale } }
    guard !links.isEmpty, system.makesContent else { return nil }
    return Self.target(Self.name(of: file), at: AT_FDCWD).flatMap { SensorScale(path: $0) }
  }

  private static func bytes(of file: borrowing OwnedDescriptor) throws(Problem) -> [UInt8] {
    let open = try opened(file)
    var bytes: [UInt8] = []
    let failure = withUnsafeTemporaryAllocation(byteCount: ReadingContent.enough, alignment: 1) {
      buffer -> Int32 in
      // A sensor would be asked again for the end of its file.
      while bytes.count < buffer.count, !bytes.contains(UInt8(ascii: "\n")) {
        let count = Glibc.read(open.number, buffer.baseAddress, buffer.count - bytes.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return count == 0 ? 0 : errno }
        bytes += UnsafeRawBufferPointer(rebasing: buffer[..<count])
      }
      return 0
    }
    guard failure == 0 else { throw .refused(call: "read", errno: failure) }
    return bytes
  }

  private static func opened(_ file: borrowing OwnedDescriptor) throws(Problem) -> OwnedDescriptor {
    do throws(FileFailure) {
      return try OwnedDescriptor(opening: name(of: file), O_RDONLY | O_NONBLOCK | O_NOCTTY)
    } catch {
      throw .refused(call: "open by /proc/self/fd", errno: error.errno)
    }
  }

  /// Of the very file that is held, whatever has its name by now.
  private static func name(of file: borrowing OwnedDescriptor) -> String { "/proc/self/fd/\(file.number)" }
}
