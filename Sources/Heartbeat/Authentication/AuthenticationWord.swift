// SPDX-License-Identifier: Apache-2.0

/// A word that authenticates what stands before it: `mac=ID:` and 22 characters of base64url, or `sig=ID:`
/// and 86.
struct AuthenticationWord {
  enum Kind {
    case mac
    case signature

    /// The key of the word and its equals sign, with the space before.
    var label: StaticString { self == .mac ? " mac=" : " sig=" }
    /// Bytes of the code.
    var codeSize: Int { self == .mac ? KeySecrets.macSize : KeySecrets.signatureSize }

    /// The length of a word with the space before it, in bytes.
    func size(id: Int) -> Int { label.utf8CodeUnitCount + id + 1 + Base64.encodedCount(codeSize) }
  }

  /// Where the space before it stands: the code is over the bytes before.
  let start: Int
  /// In the payload.
  let id: Range<Int>
  /// In the payload, base64url.
  let code: Range<Int>

  /// The word at the end of a heartbeat, or of the first part of one. Whether the code is base64url is not
  /// looked at.
  ///
  /// - Parameter end: Of the part that is looked at.
  /// - Returns: Nil for another word, or none.
  /// - Throws: `malformed` for a word of this kind whose value is not of the form.
  static func last(
    _ kind: Kind, of payload: UnsafeRawBufferPointer, before end: Int
  ) throws(Authentication.Refusal) -> AuthenticationWord? {
    // A value in quotes may have in it what looks like a word; it ends in a quote. A word that does not has
    // none, and begins at the last space.
    guard end > 0, payload[end - 1] != UInt8(ascii: "\""),
      let start = payload[..<end].lastIndex(of: UInt8(ascii: " "))
    else { return nil }
    let value = start + kind.label.utf8CodeUnitCount
    guard value <= end, kind.label.withUTF8Buffer({ payload[start..<value].elementsEqual($0) }) else {
      return nil
    }
    let code = end - Base64.encodedCount(kind.codeSize)
    guard code - 1 > value, payload[code - 1] == UInt8(ascii: ":"),
      KeyFile.isID(UnsafeRawBufferPointer(rebasing: payload[value..<(code - 1)]))
    else { throw .malformed }
    return AuthenticationWord(start: start, id: value..<(code - 1), code: code..<end)
  }
}
