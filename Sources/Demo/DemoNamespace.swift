// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A network namespace, which exists as long as this does or a process is in it (network_namespaces(7)).
///
/// For a process with one thread: a thread is in a namespace, and so are the processes that it starts then.
struct DemoNamespace {
  private let descriptor: Descriptor

  /// Makes a new one, and moves to it. Where that is not allowed it is done in a user namespace of our own
  /// (user_namespaces(7)), in which we are root of nothing but what we make there.
  ///
  /// - Throws: `FileFailure` of unshare(2), or of a file of proc(5).
  static func enterNew() throws(FileFailure) -> DemoNamespace {
    if clinux_unshare(CLINUX_CLONE_NEWNET) != 0 {
      guard errno == EPERM else { throw failure("unshare") }
      try enterUserNamespace()
      guard clinux_unshare(CLINUX_CLONE_NEWNET) == 0 else { throw failure("unshare") }
    }
    return DemoNamespace(
      descriptor: Descriptor(try OwnedDescriptor(opening: "/proc/self/ns/net", O_RDONLY)))
  }

  /// Moves to it.
  ///
  /// - Throws: `FileFailure` of setns(2).
  func enter() throws(FileFailure) {
    guard clinux_setns(descriptor.number, CLINUX_CLONE_NEWNET) == 0 else { throw Self.failure("setns") }
  }

  /// By which programs that we start find it.
  var path: String { "/proc/\(getpid())/fd/\(descriptor.number)" }

  private static func enterUserNamespace() throws(FileFailure) {
    let (user, group) = (geteuid(), getegid())
    guard clinux_unshare(CLINUX_CLONE_NEWUSER) == 0 else { throw failure("unshare") }
    for (file, text) in [("setgroups", "deny"), ("uid_map", "0 \(user) 1"), ("gid_map", "0 \(group) 1")] {
      let path = "/proc/self/\(file)"
      let file = try OwnedDescriptor(opening: path, O_WRONLY)
      let failure = file.withNumber { FileContents.write(Array(text.utf8), to: $0) }
      guard failure == 0 else { throw FileFailure(call: "write", path: path, errno: failure) }
    }
  }

  private static func failure(_ call: String) -> FileFailure {
    FileFailure(call: call, path: "network namespace", errno: errno)
  }
}
