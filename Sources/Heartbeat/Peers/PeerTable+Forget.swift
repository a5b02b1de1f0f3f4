// SPDX-License-Identifier: Apache-2.0

extension PeerTable {
  /// Takes out peers that are not to be judged any more, without a word: they were not silent, they are not wanted.
  package mutating func forget(where isUnwanted: (ID) -> Bool) {
    for (id, slot) in index where isUnwanted(id) {
      roster.remove(Int(slot))
      index[id] = nil
    }
  }
}
