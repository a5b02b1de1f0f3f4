// SPDX-License-Identifier: Apache-2.0

import Facts
import Glibc
import Heartbeat
import Platform

/// What a worker does for a `ReadingsDirectory`.
enum ReadingJob: Hashable, Sendable {
  /// Finds the names in a directory.
  case list(directory: String)
  case read(ReadingKey, directory: String)

  enum Output: Sendable {
    case list(Listing)
    case read(ReadingFile)
  }

  /// The names in a directory, found after it was watched: of a change between there is an event.
  struct Listing: Sendable {
    /// One more than are looked at, at most; or the errno of opendir(3) or readdir(3).
    var names: Result<[String], DirectoryNames.Refused>
    /// The number of its watch; nil where there are none at all.
    var watch: Result<Int32, FileFailure>?
  }

  /// Waits as long as the file system does.
  func perform(_ watch: DirectoryWatch?) -> Output {
    switch self {
    case .list(let directory):
      let number = watch.map { watch in
        Result { () throws(FileFailure) in try watch.add(directory) }
      }
      let names = Result { () throws(DirectoryNames.Refused) in
        try DirectoryNames.read(directory, limit: ReadingFileNames.most + 1)
      }
      return .list(Listing(names: names, watch: number))
    case .read(let key, let directory): return .read(ReadingFile("\(directory)/\(key)", watch: watch))
    }
  }
}
