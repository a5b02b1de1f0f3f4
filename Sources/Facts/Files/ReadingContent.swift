// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What a file says: its first line, without the blanks around it.
package enum ReadingContent {
  /// Bytes of a file that are read at most: the longest value and the end of its line.
  package static let enough = ReadingValue.longest + 1

  /// The reading in the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: From the start of the file, `enough` of them or all; more are not looked at.
  ///   - scale: Where the file has an integer of the kernel's.
  /// - Throws: What is wrong with the content.
  package static func value(
    of bytes: some Collection<UInt8>, scale: SensorScale?
  ) throws(ReadingFileFault.Problem) -> ReadingValue {
    let bytes = Array(bytes.prefix(enough))
    let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
    guard end != nil || bytes.count < enough else { throw .tooLong }
    var line = bytes[..<(end ?? bytes.count)].drop(while: isBlank)
    while let last = line.last, isBlank(last) { line.removeLast() }
    guard !line.isEmpty else { throw .empty }
    guard line.allSatisfy({ Escape.isPrintableASCII($0) }) else { throw .notPrintable }
    let text = String(decoding: line, as: UTF8.self)
    guard let value = ReadingValue(text) else { throw .notPrintable }
    guard let scale, value != .unknown else { return value }
    guard let scaled = scale.value(of: text) else { throw .noInteger(unit: scale.unit) }
    return scaled
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
