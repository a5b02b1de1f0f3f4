// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Facts
import Glibc
import Heartbeat
import Platform

/// The readings in the files of a directory, as they are at the moment. A change of a file is seen by
/// inotify(7) within a millisecond or two where that works; `read` finds the rest: sensors, files on other
/// hosts, directories that are made later. No file is opened by this actor, but by workers that it does not
/// wait for.
package actor ReadingsDirectory {
  nonisolated let executor = QueueExecutor(label: "mcastd.readings")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Milliseconds of a rest from looking at changes, for which `looks` has no token: who writes to files all
  /// the time keeps us no busier.
  private static let rest = 2

  private let onChange: @Sendable (ReadingFiles) -> Void
  /// Nanoseconds after which a file is too old.
  private var expire: Int64
  private var table: ReadingFileTable
  /// What `onChange` was called with last.
  private var told: ReadingFiles?
  /// Every file was read once, or takes long.
  private var isComplete = false
  /// Nil before `start` and after `stop`.
  private var workers: ReadingWorkers<ReadingJob, ReadingJob.Output>?
  private var timer: DeadlineTimer?
  private var changes: DirectoryWatch?
  /// Why there is none.
  private var refusal: ReadingFileFault.Problem?
  private var source: PausableSource?
  private var looks = TokenBucket(rate: 500, capacity: 20, now: Clocks.monotonic())
  private var watched = WatchedNames()
  /// The watch of the directory itself.
  private var ownWatch: Int32?

  /// - Parameters:
  ///   - path: Of the directory.
  ///   - expire: Nanoseconds after which a regular file is too old.
  ///   - onChange: Called on the actor's queue when something differs from the last call; first when every
  ///     file was read once, or takes long.
  package init(path: String, expire: Int64, onChange: @escaping @Sendable (ReadingFiles) -> Void) {
    table = ReadingFileTable(directory: path)
    self.expire = expire
    self.onChange = onChange
  }

  package func start() {
    guard workers == nil else { return }
    refusal = nil
    do throws(FileFailure) {
      let changes = try DirectoryWatch()
      let descriptor = changes.descriptor
      source = PausableSource(
        DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: executor.queue),
        keeping: descriptor
      ) { [weak self] in self?.assumeIsolated { $0.notice() } }
      self.changes = changes
    } catch {
      refusal = .unwatched(call: error.call, errno: error.errno)
    }
    table.watch(refusal)
    timer = DeadlineTimer(queue: executor.queue) { [weak self] in self?.assumeIsolated { $0.judge() } }
    workers = ReadingWorkers { [changes] in
      $0.perform(changes)
    } notify: { [weak self, executor] in
      executor.queue.async { [weak self] in self?.assumeIsolated { $0.takeOutputs() } }
    }
    source?.setRunning(true)
    readAll(isUrgent: false)
  }

  /// Waits for nothing: a file that is being read stays so.
  package func stop() {
    workers?.stop()
    source?.cancel()
    (workers, timer, source, changes) = (nil, nil, nil, nil)
    (watched, ownWatch, isComplete) = (WatchedNames(), nil, false)
  }

  /// Reads all files again, and finds those that are too old: once for each heartbeat. Also those that
  /// inotify watches, which says nothing of a mount, of another host's changes to a network file system, or
  /// of a symlink in the middle of a path; it takes some ten microseconds a file.
  package func read() { readAll(isUrgent: false) }

  /// After a reload.
  ///
  /// - Parameters: As of `init`.
  package func set(path: String, expire: Int64) {
    self.expire = expire
    if path != table.directory {
      table = ReadingFileTable(directory: path)
      isComplete = false
      remove(watched.keep([]))
      if let own = ownWatch.take() { remove([own]) }
      table.watch(refusal)
    }
    readAll(isUrgent: false)
  }

  /// Returns when there is nothing to be done but what takes long.
  func settle() async {
    while workers.map({ !$0.isIdle }) ?? false { await executor.pause(milliseconds: 1) }
  }

  // MARK: Reading

  private func readAll(isUrgent: Bool) {
    add([.list(directory: table.directory)] + table.keys.map(job), isUrgent: isUrgent)
  }

  private func job(_ key: ReadingKey) -> ReadingJob { .read(key, directory: table.directory) }

  private func add(_ jobs: [ReadingJob], isUrgent: Bool) {
    guard let workers, !jobs.isEmpty else { return }
    workers.add(jobs, isUrgent: isUrgent)
    timer?.set(workers.due)
  }

  private func takeOutputs() {
    for (job, output) in workers?.take() ?? [] {
      switch (job, output) {
      case (.list(table.directory), .list(let listing)): note(listing)
      case (.read(let key, table.directory), .read(let file)) where table.keys.contains(key):
        note(file, of: key)
      case (_, .read(let file)): remove(Set(file.watched.map(\.watch)))
      case (_, .list(let listing)): if case .success(let watch) = listing.watch { remove([watch]) }
      }
    }
    tell()
  }

  private func note(_ listing: ReadingJob.Listing) {
    switch listing.names {
    case .success(let names):
      add(table.list(names).map(job), isUrgent: true)
      if case .failure(let failure) = listing.watch {
        table.watch(.unwatched(call: failure.call, errno: failure.errno))
      } else if listing.watch != nil {
        table.watch(nil)
      }
    case .failure(let refused):
      let isGone = refused.errno == ENOENT || refused.errno == ENOTDIR
      table.list(failed: .noDirectory(errno: refused.errno), isGone: isGone)
    }
    let before = ownWatch
    ownWatch = listing.watch.flatMap { try? $0.get() }
    if let before, before != ownWatch { remove([before]) }
    remove(watched.keep(table.keys))
  }

  private func note(_ file: ReadingFile, of key: ReadingKey) {
    remove(watched.set(file.watched, of: key))
    // What is gone since the directory was read is found with the next time it is.
    guard var content = file.content else { return }
    if case .success = content,
      let problem = ReadingFileAge.problem(
        modified: file.modified, now: Clocks.realtime(), limit: expire, on: file.system)
    {
      content = .failure(problem)
    }
    table.note(content, of: key, now: Clocks.monotonic())
  }

  private func judge() {
    takeOutputs()
    for job in workers?.judge() ?? [] {
      switch job {
      case .list(table.directory): table.list(failed: .hangs, isGone: false)
      case .read(let key, table.directory): table.note(.failure(.hangs), of: key, now: Clocks.monotonic())
      default: break
      }
    }
    timer?.set(workers?.due)
    tell()
  }

  private func tell() {
    guard let workers else { return }
    isComplete = isComplete || workers.isIdle
    let files = table.files
    guard isComplete, files != told else { return }
    told = files
    onChange(files)
  }

  // MARK: Changes

  private func notice() {
    guard let changes, let source else { return }
    if !looks.take(now: Clocks.monotonic()) {
      source.setRunning(false)
      executor.queue.asyncAfter(deadline: .now() + .milliseconds(Self.rest)) { [weak self] in
        self?.assumeIsolated { $0.source?.setRunning(true) }
      }
    }
    var (keys, isListed, isAll): (Set<ReadingKey>, Bool, Bool) = ([], false, false)
    for event in changes.read() {
      isAll = isAll || event.isOverflow
      if event.watch == ownWatch {
        if let key = ReadingKey(event.name), table.keys.contains(key), !event.isRemoval {
          keys.insert(key)
        } else if event.name.isEmpty || event.isOfNames && !ReadingFileNames.isIgnored(event.name) {
          isListed = true
        }
      }
      keys.formUnion(
        event.name.isEmpty
          ? watched.keys(in: event.watch)
          : watched.keys(of: WatchedName(watch: event.watch, name: event.name)))
    }
    if isAll { return readAll(isUrgent: true) }
    add(keys.sorted().map(job) + (isListed ? [.list(directory: table.directory)] : []), isUrgent: true)
  }

  /// Removes watches that nothing needs.
  private func remove(_ watches: Set<Int32>) {
    for watch in watches where watch != ownWatch && !watched.isUsed(watch) { changes?.remove(watch) }
  }
}
