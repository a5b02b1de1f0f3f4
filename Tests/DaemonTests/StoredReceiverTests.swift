// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Multicast
@testable import Platform
@testable import Settings
@testable import Systemd

struct StoredReceiverTests {
  @Test("the name has every setting that cannot be changed on a socket in use")
  func differs() throws {
    let variations: [[Key: String]] = [
      [:], [.group: "239.1.1.2"], [.port: "5002"], [.group: "ff15::1"], [.interface: "eth0"],
      [.interface: "eth0,eth1"], [.interface: "10.0.0.1"], [.source: "10.0.0.1"],
      [.source: "10.0.0.1,10.0.0.2"],
      [.receiveBuffer: "1MiB"], [.subscribeGroup: "239.1.1.3"],
    ]
    let names = try variations.map { StoredReceiver.name(try .with($0)) }
    #expect(Set(names).count == variations.count)
    #expect(names[0].description.hasPrefix("receiver 239.1.1.1%3a5001 "))
  }

  @Test("no other setting changes the name")
  func same() throws {
    let name = StoredReceiver.name(try .with())
    let others: [[Key: String]] = [
      [.interval: "5s"], [.ttl: "9"], [.loopback: "no"], [.timestamp: "utc"], [.logRate: "7"],
      [.logOwn: "no"],
      [.logLevel: "debug"], [.peersMax: "99"], [.publishGroup: "239.9.9.9"], [.publishInterface: "eth9"],
      [.publishEnabled: "no"], [.subscribePort: "5001"],
    ]
    for values in others { #expect(StoredReceiver.name(try .with(values)) == name, "\(values)") }
  }

  @Test("a long list of interfaces still gives a valid name, and different lists different names")
  func long() throws {
    let interfaces = (10..<60).map { "interface\($0)" }
    let name = StoredReceiver.name(try .with([.interface: interfaces.joined(separator: ",")]))
    let other = StoredReceiver.name(try .with([.interface: interfaces.dropLast().joined(separator: ",")]))
    #expect(name.description.utf8.count <= DescriptorName.maximumLength)
    #expect(name != other)
  }

  @Test("of the descriptors from systemd the socket of these settings is adopted and all others are closed")
  func adopt() throws {
    let group = try Endpoint.ownGroup()
    let settings = try Settings.with([.group: "\(group.address)", .port: "\(group.port)"])
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
    let name = StoredReceiver.name(settings)
    let handedOver = [
      StoredDescriptor(
        name: DescriptorName("receiver of another time"), descriptor: dup(receiver.descriptor)),
      StoredDescriptor(name: name, descriptor: dup(STDERR_FILENO)),
      StoredDescriptor(name: name, descriptor: dup(receiver.descriptor)),
      StoredDescriptor(name: name, descriptor: dup(receiver.descriptor)),
    ]
    let stored = StoredReceiver(store: DescriptorStore(), events: RecordedEvents().reporter)
    #expect(StoredReceiver.isKept(in: handedOver, for: settings))
    let adopted = try #require(stored.adopt(handedOver, for: settings))
    #expect(adopted.descriptor == handedOver[2].descriptor)
    #expect(adopted.cookie == receiver.cookie)
  }

  @Test("a socket is not adopted for a disabled direction")
  func disabled() throws {
    let group = try Endpoint.ownGroup()
    let settings = try Settings.with([
      .group: "\(group.address)", .port: "\(group.port)", .subscribeEnabled: "no",
    ])
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
    let stored = StoredReceiver(store: DescriptorStore(), events: RecordedEvents().reporter)
    let handedOver = StoredDescriptor(
      name: StoredReceiver.name(settings), descriptor: dup(receiver.descriptor))
    #expect(!StoredReceiver.isKept(in: [handedOver], for: settings))
    #expect(stored.adopt([handedOver], for: settings) == nil)
  }

  @Test("a socket of another network namespace is not adopted, and that is reported")
  func otherNamespace() async throws {
    let group = try Endpoint.ownGroup()
    let settings = try Settings.with([.group: "\(group.address)", .port: "\(group.port)"])
    let descriptor = try await DoctorHost.run { _ in
      let receiver = try MulticastReceiver(group: group, receiveBuffer: 65_536)
      return withExtendedLifetime(receiver) { dup(receiver.descriptor) }
    }
    let handedOver = [StoredDescriptor(name: StoredReceiver.name(settings), descriptor: descriptor)]
    let events = RecordedEvents()
    let stored = StoredReceiver(store: DescriptorStore(), events: events.reporter)
    #expect(!StoredReceiver.isKept(in: handedOver, for: settings))
    #expect(stored.adopt(handedOver, for: settings) == nil)
    #expect(events.all.map(\.priority) == [.notice])
    #expect(events.all.first?.message.contains("network namespace") == true, "\(events.all)")
  }
}
