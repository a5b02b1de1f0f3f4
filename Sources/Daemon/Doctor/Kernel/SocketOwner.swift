// SPDX-License-Identifier: Apache-2.0

import Files
import Glibc

/// Finds the process that has a socket open, among those whose /proc/PID/fd may be read.
enum SocketOwner {
  /// `gmond[123]`, or `a process of user 42` where it cannot be told.
  static func describe(_ socket: KernelSocket) -> String {
    find(inode: socket.inode) ?? "a process of user \(socket.userID)"
  }

  /// The name and the number of the first process that has it open.
  static func find(inode: UInt64) -> String? {
    let wanted = "socket:[\(inode)]"
    for process in entries("/proc") where UInt32(process) != nil {
      let descriptors = "/proc/\(process)/fd"
      for descriptor in entries(descriptors) where target("\(descriptors)/\(descriptor)") == wanted {
        let name = KernelFile.read("/proc/\(process)/comm")?.split(separator: "\n").first ?? "process"
        return "\(name)[\(process)]"
      }
    }
    return nil
  }

  /// None where a directory may not be read: processes of others, or one that ended.
  private static func entries(_ path: String) -> [String] { (try? DirectoryNames.read(path)) ?? [] }

  private static func target(_ path: String) -> String? {
    var text = [CChar](repeating: 0, count: 64)
    let count = readlink(path, &text, text.count)
    guard count > 0 else { return nil }
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
