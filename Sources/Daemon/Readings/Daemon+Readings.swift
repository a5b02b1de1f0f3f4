// SPDX-License-Identifier: Apache-2.0

import Facts
import Glibc
import Platform
import Settings

/// The files of readings, which are read while this host has a name.
extension Daemon {
  /// Reads the files that the settings name, or none.
  func followReadings() async {
    guard settings.name.name != nil else {
      await files?.stop()
      files = nil
      await readings.follow(nil)
      return reportUnsaid()
    }
    let (path, expire) = (settings.readings.directory, settings.readings.expire.nanoseconds)
    if let files { return await files.set(path: path, expire: expire) }
    let files = ReadingsDirectory(path: path, expire: expire) { [readings] found in
      readings.take(found, isOptional: path == Key.readingsDirectory.defaultText)
    }
    self.files = files
    await readings.follow(files)
    await files.start()
  }

  /// Files that say nothing, since this host has no name.
  private func reportUnsaid() {
    guard let names = try? DirectoryNames.read(settings.readings.directory, limit: ReadingFileNames.most),
      !ReadingFileNames(names, directory: settings.readings.directory).keys.isEmpty
    else { return }
    events.report(.ownReadings(.nameless(directory: settings.readings.directory)))
  }
}
