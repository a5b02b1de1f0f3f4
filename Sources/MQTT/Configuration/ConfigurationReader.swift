// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Reads mqtt.conf: all that is wrong with it is found in one go.
package struct ConfigurationReader: Sendable {
  /// Faults that are listed of a file.
  private static let mostFaults = 32

  package private(set) var configuration = BridgeConfiguration()
  package private(set) var faults: [BridgeFault] = []
  private let path: String

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: Nil for the standard one, which need not be there.
  package init(path: String?) {
    self.path = path ?? BridgeConfiguration.standardPath
    do throws(FileFailure) {
      read(try FileContents.read(self.path, limit: INI.maximumSize + 1))
    } catch {
      guard path != nil || error.errno != ENOENT else { return }
      fault(0, "\(error.call): \(errnoText(error.errno))")
    }
  }

  /// Reads these bytes as the file of this path.
  package init(_ bytes: [UInt8], path: String) {
    self.path = path
    read(bytes)
  }

  private mutating func read(_ bytes: [UInt8]) {
    let contents = INI.parse(bytes, foreign: ["import"])
    for assignment in contents.assignments { take(assignment) }
    for error in contents.errors { fault(error.line, error.problem) }
    faults.sort { $0.line < $1.line }
    if faults.count > Self.mostFaults {
      let rest = faults.count - Self.mostFaults
      faults.removeLast(rest)
      fault(0, "\(rest) more faults")
    }
  }

  private mutating func take(_ assignment: INI.Assignment) {
    guard assignment.section != "import" else { return takeImport(assignment) }
    guard assignment.section == "mqtt" else {
      let section = assignment.section
      return fault(
        assignment.line,
        section.isEmpty
          ? "\(assignment.key) stands before the first section; it belongs to [mqtt]"
          : "there is no section [\(section)], only [mqtt] and [import]")
    }
    guard let setting = BridgeSetting(rawValue: assignment.key) else {
      let nearest = Similarity.nearest(to: assignment.key, in: BridgeSetting.allCases.map(\.rawValue))
      return fault(
        assignment.line,
        "there is no setting \(assignment.key)" + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }
    // An empty value is the default, as in mcastd.conf.
    let text = assignment.value.isEmpty ? setting.row.standard : assignment.value
    if !setting.set(text, in: &configuration) {
      fault(
        assignment.line,
        "\(setting.rawValue)=\(Printable.line(text)): must be \(setting.row.accepted)")
    }
  }

  private mutating func takeImport(_ assignment: INI.Assignment) {
    guard configuration.imports.count < ImportLine.most else {
      return fault(assignment.line, "[import] has at most \(ImportLine.most) lines")
    }
    do throws(ImportLine.Problem) {
      let line = try ImportLine(topic: assignment.key, value: assignment.value)
      guard !configuration.imports.contains(where: { $0.key == line.key }) else {
        return fault(assignment.line, "\(line.key) has two topics: a reading has one source")
      }
      configuration.imports.append(line)
    } catch {
      fault(assignment.line, error.text)
    }
  }

  private mutating func fault(_ line: Int, _ problem: String) {
    faults.append(BridgeFault(path: path, line: line, problem: problem))
  }
}
