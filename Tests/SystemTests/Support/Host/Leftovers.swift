// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport

/// Ends all processes in control groups and network namespaces whose name begins with `prefix`, and removes
/// those and `directory`. Nothing here fails: what is gone already is well gone.
func clearAway(prefix: String, directory: String) {
  for hierarchy in controlGroupHierarchies {
    for name in entries(of: hierarchy) where name.hasPrefix(prefix) {
      removeControlGroup("\(hierarchy)/\(name)")
    }
  }
  for name in entries(of: "/run/netns") where name.hasPrefix(prefix) { removeNetworkNamespace(name) }
  removeTree(directory)
}

/// Where systemd keeps control groups: one of unified, or hybrid's two.
let controlGroupHierarchies = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"].filter {
  access("\($0)/cgroup.procs", F_OK) == 0
}

/// Kills everything in a control group and below it, and removes it.
func removeControlGroup(_ path: String) {
  for child in entries(of: path) where isDirectory("\(path)/\(child)") {
    removeControlGroup("\(path)/\(child)")
  }
  for process in (lines(of: "\(path)/cgroup.procs")).compactMap(pid_t.init) where process > 0 {
    kill(process, SIGKILL)
  }
  // The group is busy until the last of them is gone, which takes moments.
  var attempts = 0
  while rmdir(path) == -1, errno == EBUSY, attempts < 500 {
    var pause = timespec(tv_sec: 0, tv_nsec: 10_000_000)
    nanosleep(&pause, nil)
    attempts += 1
  }
}

/// Kills every process that is still in it, and unmounts the name.
func removeNetworkNamespace(_ name: String) {
  let path = "/run/netns/\(name)"
  var namespace = stat()
  if stat(path, &namespace) == 0 {
    for process in entries(of: "/proc").compactMap(pid_t.init) where process != getpid() {
      var own = stat()
      if stat("/proc/\(process)/ns/net", &own) == 0, own.st_ino == namespace.st_ino,
        own.st_dev == namespace.st_dev
      {
        kill(process, SIGKILL)
      }
    }
  }
  umount2(path, Int32(MNT_DETACH))
  unlink(path)
}

/// The names in a directory; none where it cannot be read.
func entries(of path: String) -> [String] {
  guard let directory = opendir(path) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

/// The lines of a file; none where it cannot be read.
func lines(of path: String) -> [String] {
  guard let bytes = try? readFile(path) else { return [] }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}

func readFile(_ path: String) throws -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file != -1 else { throw TestFailure(call: "opening \(path)", errno: errno) }
  defer { close(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(file, &buffer, buffer.count)
    guard count >= 0 else { throw TestFailure(call: "reading \(path)", errno: errno) }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

private func isDirectory(_ path: String) -> Bool {
  var information = stat()
  return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
}

private func removeTree(_ path: String) {
  if isDirectory(path) {
    for name in entries(of: path) { removeTree("\(path)/\(name)") }
    rmdir(path)
  } else {
    unlink(path)
  }
}
