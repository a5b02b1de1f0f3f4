// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Finds the processes that have a socket open, among those whose /proc/PID/fd may be read.
enum SocketOwner {
  /// `gmond[123]`, or `a process of user 42` where it cannot be found.
  static func describe(_ socket: ProcSocket) -> String {
    describe(find(inode: socket.inode)) ?? "a process of user \(socket.userID)"
  }

  /// systemd also holds the sockets in its descriptor store and those of socket units: where a service has
  /// the same socket, that is named instead.
  static func describe(_ owners: [(name: String, process: UInt32)]) -> String? {
    guard let owner = owners.first(where: { $0.process != 1 }) ?? owners.first else { return nil }
    return "\(owner.name)[\(owner.process)]"
      + (owner.process == 1 ? ", which keeps it for a service that is not running" : "")
  }

  /// The processes that have it open, up to the first that is not process 1.
  static func find(inode: UInt64) -> [(name: String, process: UInt32)] {
    let wanted = "socket:[\(inode)]"
    var owners: [(name: String, process: UInt32)] = []
    for entry in names("/proc") {
      guard let process = UInt32(entry) else { continue }
      let descriptors = "/proc/\(process)/fd"
      guard names(descriptors).contains(where: { target("\(descriptors)/\($0)") == wanted }) else { continue }
      let name = ProcFile.read("/proc/\(process)/comm")?.split(separator: "\n").first ?? "process"
      owners.append((String(name), process))
      if process != 1 { break }
    }
    return owners
  }

  /// None where a directory may not be read: processes of others, or one that ended.
  private static func names(_ path: String) -> [String] { (try? DirectoryNames.read(path)) ?? [] }

  private static func target(_ path: String) -> String? {
    var text = [CChar](repeating: 0, count: 64)
    let count = readlink(path, &text, text.count)
    guard count > 0 else { return nil }
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
