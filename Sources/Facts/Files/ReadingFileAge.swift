// SPDX-License-Identifier: Apache-2.0

/// Whether a file was written lately enough: what writes it may have died, and its last word is no reading
/// for ever.
package enum ReadingFileAge {
  /// Nanoseconds by which a file may be from the future: the clock was corrected since, or the file is on
  /// another host's.
  package static let largestLead: Int64 = 5_000_000_000

  /// - Parameters:
  ///   - modified: When the file was written, in nanoseconds since the epoch.
  ///   - now: CLOCK_REALTIME, in nanoseconds since the epoch.
  ///   - limit: Nanoseconds after which it is too old.
  ///   - system: Where the file is.
  /// - Returns: What is wrong with its age; nil for nothing.
  package static func problem(
    modified: Int64, now: Int64, limit: Int64, on system: FileSystemKind
  ) -> ReadingFileFault.Problem? {
    guard !system.makesContent else { return nil }
    let (age, isBeyond) = now.subtractingReportingOverflow(modified)
    if isBeyond ? modified > now : age < -largestLead { return .future }
    return isBeyond || age > limit ? .expired(limit: limit) : nil
  }

  /// Nanoseconds since the epoch of a time as stat(2) has it, which anybody may set to anything.
  package static func nanoseconds(second: Int64, nanosecond: Int64) -> Int64 {
    let (product, isBeyond) = second.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isBeyondToo) = product.addingReportingOverflow(nanosecond)
    return isBeyond || isBeyondToo ? (second < 0 ? .min : .max) : sum
  }
}

/// What a file system is, by the number that fstatfs(2) gives.
package struct FileSystemKind: Hashable, Sendable {
  /// `f_type`.
  package let magic: Int64

  package init(magic: Int64) { self.magic = magic }

  /// Whether the kernel makes the content of a file when it is read, and the time of the file is that of its
  /// inode: sysfs, proc, debugfs, and cgroups, whose pressure may be a reading as well. Not configfs, which
  /// has what somebody wrote.
  package var makesContent: Bool {
    switch magic {
    // linux/magic.h: SYSFS, PROC, DEBUGFS, CGROUP2, CGROUP.
    case 0x6265_6572, 0x9fa0, 0x6462_6720, 0x6367_7270, 0x27_e0eb: true
    default: false
    }
  }
}
