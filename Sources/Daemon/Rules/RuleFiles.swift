// SPDX-License-Identifier: Apache-2.0

import Facts
import Glibc
import Heartbeat
import Platform
import Rules
import Settings

/// The rules of `rules.directory`, as far as they can be in force. One that is not as it should be is left
/// out as a whole, and never keeps the others from their work.
package struct RuleFiles: Equatable, Sendable {
  /// Files of rules that are read.
  static let most = 1000

  /// In order of their names.
  package private(set) var rules: [Rule] = []
  /// Why others are left out, by file.
  package private(set) var faults: [RuleFault] = []

  /// No rules.
  package init() {}

  /// Reads them.
  package init(_ settings: Settings) {
    let directory = settings.rulesDirectory
    let names: [String]
    do throws(DirectoryNames.Refused) {
      names = try DirectoryNames.read(directory, limit: Self.most + 1).sorted()
    } catch {
      names = []
      if error.errno != ENOENT || directory != Key.rulesDirectory.defaultText {
        add(
          directory,
          "the directory cannot be read: \(errnoText(error.errno)); make it, readable for the daemon's user, "
            + "or see rules.directory")
      }
    }
    if names.count > Self.most {
      add(directory, "there are more than \(Self.most) files, and the rest is not read")
    }
    for name in names.prefix(Self.most) where !ReadingFileNames.isIgnored(name) {
      read("\(directory)/\(name)", settings)
    }
    if !settings.subscribe.enabled, !rules.isEmpty {
      rules = []
      add(
        directory,
        "no rule is in force, for nothing is received: set subscribe.enabled=yes, or remove the rules")
    }
  }

  /// What is other than it was: `NAME (new)`, `NAME (changed)` or `NAME (removed)`, by name.
  func changes(from old: RuleFiles) -> [String] {
    let (before, after) = (old.byName, byName)
    return Set(before.keys).union(after.keys).sorted().compactMap { name in
      switch (before[name], after[name]) {
      case (nil, _): "\(name) (new)"
      case (_, nil): "\(name) (removed)"
      case (let before, let after): before == after ? nil : "\(name) (changed)"
      }
    }
  }

  private var byName: [String: Rule] {
    Dictionary(rules.map { ("\($0.name)", $0) }) { first, _ in first }
  }

  private mutating func read(_ path: String, _ settings: Settings) {
    do {
      let bytes = try FileContents.read(path, limit: RuleFile.largestSize + 1, onlyRegular: true)
      let rule = try RuleFile.parse(bytes, path: path)
      if let problem = Self.problem(of: rule, settings) { return add(path, problem) }
      rules.append(rule)
    } catch let error as RuleFileError {
      faults += error.faults
    } catch let error as FileFailure {
      add(path, "\(error.call): \(ErrnoAdvice.unreadable(error.errno))")
    } catch {
      add(path, "\(error)")
    }
  }

  /// Why a rule cannot be in force with these settings; nil where it can.
  private static func problem(of rule: Rule, _ settings: Settings) -> String? {
    if rule.needsOthers, rule.terms.authenticated != .no, settings.authentication.mode == .off {
      return "is over other hosts, and auth.mode is off, so that anybody could say what decides: set "
        + "auth.mode=require and auth.keys, or write authenticated=no in the rule"
    }
    return nil
  }

  private mutating func add(_ path: String, _ problem: String) {
    faults.append(RuleFault(path: path, problem: problem))
  }
}
