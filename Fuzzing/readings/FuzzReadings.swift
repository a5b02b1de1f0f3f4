// SPDX-License-Identifier: Apache-2.0

import Control
import Facts
import FoundationEssentials
import Heartbeat

/// Whatever the parameters of `SetReadings` are, what is taken fits a heartbeat and is read from it again.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let json = Data(UnsafeBufferPointer(start: bytes, count: count))
  guard
    let parameters = try? JSONDecoder().decode(ControlInterface.SetReadingsParameters.self, from: json)
  else { return 0 }
  var own = OwnReadings()
  for reading in parameters.readings {
    guard
      let new = try? OwnReadings.reading(reading.key, reading.value, isDrill: parameters.test ?? false)
    else { continue }
    try? own.set([new], for: parameters.forUsec, at: 1)
  }
  _ = own.expire(at: .max)
  var said = Announcement()
  (said.host, said.run, said.sequence, said.state) = (HostName("host"), 1, 1, 1)
  let (words, leftOut) = ReadingWords.composed(
    own.readings, room: HeartbeatComposer.room(beside: said, seal: nil))
  var composer = HeartbeatComposer()
  composer.compose(.earliest, said, utcOffset: 0, readings: words)
  guard composer.bytes.count <= Heartbeat.largestSize, let heard = Heartbeat(composer.bytes) else {
    preconditionFailure("no heartbeat")
  }
  let readings = heard.attributes.compactMap { word in
    Reading.ID(word: word.key).flatMap { id in ReadingValue(word.value).map { Reading(id, $0) } }
  }
  precondition(readings == Array(own.readings.dropLast(leftOut.count)))
  return 0
}
