// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A reply as it goes over the wire, with its NUL.
struct VarlinkMessage {
  let bytes: [UInt8]

  init(reply parameters: VarlinkParameters) {
    bytes = parameters.reply
  }

  init(error: VarlinkError) {
    // A JSON string: an error's name may be anything that a service makes up.
    let name = (try? JSONEncoder().encode(error.name)).map(Array.init) ?? Array("\"\"".utf8)
    bytes =
      Array("{\"error\":".utf8) + name + Array(",\"parameters\":".utf8) + error.parameters.json
      + [UInt8(ascii: "}"), 0]
  }
}
