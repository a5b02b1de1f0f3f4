// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The contents of a file, or why there are none.
enum FileBytes {
  case read([UInt8])
  case refused(FileFailure)

  var isAbsent: Bool {
    if case .refused(let failure) = self {
      failure.errno == ENOENT || failure.errno == ENOTDIR
    } else {
      false
    }
  }

  /// Reads at most one byte more than a configuration file may have, so that a larger one is seen to be
  /// larger.
  init(_ path: String) {
    do throws(FileFailure) {
      self = .read(try FileContents.read(path, limit: INI.maximumSize + 1))
    } catch {
      self = .refused(error)
    }
  }

  /// The names in a directory, sorted by their bytes; none when it is not there.
  ///
  /// - Throws: `SettingsFault` when it is there and cannot be read.
  static func names(in path: String) throws(SettingsFault) -> [String] {
    do throws(DirectoryNames.Refused) {
      return try DirectoryNames.read(path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      if error.errno == ENOENT || error.errno == ENOTDIR { return [] }
      throw SettingsFault(
        origin: .file(path: path, line: 0), problem: "opendir: \(ErrnoAdvice.unreadable(error.errno))")
    }
  }
}
