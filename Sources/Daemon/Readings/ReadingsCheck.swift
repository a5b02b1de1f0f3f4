// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Facts
import Glibc
import Platform
import Settings
import Synchronization

/// What `mcastd check` finds of the files of readings.
package enum ReadingsCheck {
  /// Longest wait for files whose reading hangs, which are told after a second.
  private static let patience: DispatchTimeInterval = .milliseconds(1500)
  /// Nothing is found any more after this time without news.
  private static let quiet: DispatchTimeInterval = .milliseconds(300)

  /// What is wrong with them now; reads each once. Nothing where the standard directory is not there.
  ///
  /// - Returns: What keeps a reading from being said as long as nobody changes it, and the rest.
  package static func run(_ settings: Settings) -> (errors: [String], warnings: [String]) {
    let path = settings.readings.directory
    let isStandard = path == Key.readingsDirectory.defaultText
    let faults = faults(path, expire: settings.readings.expire.nanoseconds).filter {
      !isStandard || $0.problem != .noDirectory(errno: ENOENT)
    }
    let (lasting, passing) = (faults.filter(\.isLasting), faults.filter { !$0.isLasting })
    let isUnsaid = settings.name.name == nil && !names(path).keys.isEmpty
    return (
      lasting.map { "\($0)" },
      passing.map { "\($0)" }
        + (isUnsaid ? ["the files in \(path) are not said: name is empty, set name=auto for example"] : [])
    )
  }

  private static func names(_ path: String) -> ReadingFileNames {
    let names = (try? DirectoryNames.read(path, limit: ReadingFileNames.most + 1)) ?? []
    return ReadingFileNames(names, directory: path)
  }

  private static func faults(_ path: String, expire: Int64) -> [ReadingFileFault] {
    let latest = Mutex(ReadingFiles())
    let hasNews = DispatchSemaphore(value: 0)
    let directory = ReadingsDirectory(path: path, expire: expire) { files in
      latest.withLock { $0 = files }
      hasNews.signal()
    }
    directory.executor.queue.async { directory.assumeIsolated { $0.start() } }
    let (end, keys) = (DispatchTime.now() + patience, names(path).keys)
    while hasNews.wait(timeout: end) == .success, latest.withLock({ $0.values.count }) < keys.count {}
    let files = latest.withLock { $0 }
    if files.values.contains(where: { key, value in
      value == .unknown && !files.faults.contains { $0.path == "\(path)/\(key)" }
    }) {
      // It says so, or is empty: that it stays so is known from a second reading.
      usleep(UInt32(ReadingFileTable.emptyLasts / 1000))
      directory.executor.queue.async { directory.assumeIsolated { $0.read() } }
      while hasNews.wait(timeout: .now() + quiet) == .success {}
    }
    return latest.withLock { $0.faults }
  }
}

extension ReadingFileFault {
  /// Whether it stays until somebody changes the file, its name or the directory; others come and go with
  /// what writes the file.
  fileprivate var isLasting: Bool {
    switch problem {
    case .noDirectory, .tooManyNames, .moreNames, .leftOut, .name, .isDirectory, .notRegular, .links,
      .strangersLink, .tooLong, .notPrintable, .noInteger:
      true
    case .unwatched, .dangling, .refused, .hangs, .empty, .expired, .future: false
    }
  }
}
