// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Platform

private let directory = "/etc/mcastd/readings.d"

/// The first line of the input has the names in a directory, after one another with a `/` between; the second
/// has where symlinks lead to, or nothing; the rest is what each file has. Whatever that is, it is a value
/// that fits a heartbeat and is read from it again, or a fault that has a text.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let parts = UnsafeBufferPointer(start: bytes, count: count)
    .split(separator: 10, maxSplits: 2, omittingEmptySubsequences: false)
  guard parts.count == 3 else { return 0 }
  let words = parts[0].split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
  let names = Set(words).sorted()
  let scale = SensorScale(path: String(decoding: parts[1], as: UTF8.self))
  let result = read(parts[2], scale)

  var table = ReadingFileTable(directory: directory)
  let keys = table.list(names)
  checkNames(names, keys)
  // Empty for longer than is waited for.
  for time in [0, Int64.max] { for key in keys { table.note(result, of: key, now: time) } }
  let files = table.files
  precondition(files.values.count == keys.count)
  precondition(files.values.values.allSatisfy { $0 == (try? result.get()) ?? .unknown })
  for fault in files.faults { checkText(fault) }
  if case .failure(let problem) = result {
    for key in keys {
      let fault = ReadingFileFault(path: "\(directory)/\(key)", problem: problem)
      precondition(files.faults.contains(fault))
    }
  }
  checkWords(files.values)
  return 0
}

// MARK: Contents

private typealias Outcome = Result<ReadingValue, ReadingFileFault.Problem>

private func read(_ content: some Collection<UInt8>, _ scale: SensorScale?) -> Outcome {
  func value(_ bytes: some Collection<UInt8>, _ scale: SensorScale?) -> Outcome {
    Outcome { () throws(ReadingFileFault.Problem) in try ReadingContent.value(of: bytes, scale: scale) }
  }
  let result = value(content, scale)
  precondition(result == value(content.prefix(ReadingContent.enough), scale))
  let written = value(content, nil)
  switch written {
  case .success(let text):
    // The start of the content, but for blanks around it.
    let rest = content.drop(while: isBlank)
    precondition(rest.starts(with: text.text.utf8) && value(text.text.utf8, nil) == written)
    precondition(rest.dropFirst(text.text.utf8.count).first.map { $0 == 10 || isBlank($0) } ?? true)
    checkScale(result, of: text, scale)
  case .failure(let problem):
    precondition(result == written)
    checkText(ReadingFileFault(path: directory, problem: problem))
  }
  return result
}

private func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0d].contains(byte) }

/// What is scaled is the integer once more, with a point in it.
private func checkScale(_ result: Outcome, of written: ReadingValue, _ scale: SensorScale?) {
  guard let scale, written != .unknown else { return precondition(result == .success(written)) }
  let isNegative = written.text.hasPrefix("-")
  let digits = Array(written.text.utf8.dropFirst(isNegative ? 1 : 0))
  guard (1...20).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
    return precondition(result == .failure(.noInteger(unit: scale.unit)))
  }
  guard case .success(let value) = result, value.kind == .number(unit: scale.unit[...]) else {
    preconditionFailure("no number")
  }
  var number = value.text.utf8.dropLast(scale.unit.utf8.count)
  let isZero = digits.allSatisfy { $0 == 0x30 }
  precondition((number.first == UInt8(ascii: "-")) == (isNegative && !isZero))
  if number.first == UInt8(ascii: "-") { number.removeFirst() }
  let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  precondition((1...2).contains(parts.count) && !parts[0].isEmpty)
  precondition(parts[0].count == 1 || parts[0].first != 0x30)
  let fraction = parts.count == 2 ? Array(parts[1]) : []
  precondition(
    fraction.count <= scale.shift && fraction.last != 0x30 && (parts.count == 1 || !fraction.isEmpty))
  let again = Array(parts[0]) + fraction + [UInt8](repeating: 0x30, count: scale.shift - fraction.count)
  precondition(again.drop { $0 == 0x30 }.elementsEqual(digits.drop { $0 == 0x30 }))
}

// MARK: Names and faults

/// Each name that counts is a key, or is told; of none there is more than there is room for.
private func checkNames(_ names: [String], _ keys: [ReadingKey]) {
  precondition(keys.count <= ReadingWords.most && keys == keys.sorted())
  let known = Set(keys.map(\.text))
  let faults = ReadingFileNames(names, directory: directory).faults
  let told = faults.map(\.path)
  let isAllTold = !faults.contains { $0.path == directory }
  for name in names where isAllTold && !ReadingFileNames.isIgnored(name) {
    precondition(known.contains(name) != told.contains("\(directory)/\(name)"))
  }
}

/// One line that names the file.
private func checkText(_ fault: ReadingFileFault) {
  let start = "\(Printable.line(fault.path)): "
  precondition(fault.description.hasPrefix(start) && fault.description.utf8.count > start.utf8.count)
  precondition(fault.description.unicodeScalars.allSatisfy { Escape.isVisible($0) })
}

// MARK: Words

/// As a heartbeat has them.
private func checkWords(_ values: [ReadingKey: ReadingValue]) {
  var own = OwnReadings()
  own.setFiles(values)
  precondition(own.readings.count == values.count)
  var said = Announcement()
  (said.host, said.run, said.sequence, said.state) = (HostName("host"), 1, 1, 1)
  let (words, leftOut) = ReadingWords.composed(
    own.readings, room: HeartbeatComposer.room(beside: said, seal: nil))
  var composer = HeartbeatComposer()
  composer.compose(.earliest, said, utcOffset: 0, readings: words)
  guard composer.bytes.count <= Heartbeat.largestSize, let heard = Heartbeat(composer.bytes) else {
    preconditionFailure("no heartbeat")
  }
  precondition(heard.readings == Array(own.readings.dropLast(leftOut.count)))
}
