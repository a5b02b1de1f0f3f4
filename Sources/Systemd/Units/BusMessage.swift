// SPDX-License-Identifier: Apache-2.0

import CSystemd

/// A call to systemd's manager that is being written, or an answer that is being read. libsystemd's functions
/// with a variable number of arguments are missing in Swift; these suffice.
///
/// An answer is read in order. What does not have the expected types is nil.
struct BusMessage: ~Copyable {
  let message: OpaquePointer

  /// Takes over a reference.
  private init(owning message: OpaquePointer) { self.message = message }

  /// An answer that its caller keeps.
  init(borrowing message: OpaquePointer) { self.message = sd_bus_message_ref(message) }

  deinit { sd_bus_message_unref(message) }

  /// A method call.
  ///
  /// - Throws: `UnitRefusal.unreachable` where the bus is closed, or memory is short.
  init(
    to bus: OpaquePointer, path: String = "/org/freedesktop/systemd1",
    interface: String = "org.freedesktop.systemd1.Manager", _ method: String
  ) throws(UnitRefusal) {
    var message: OpaquePointer?
    let result = sd_bus_message_new_method_call(
      bus, &message, "org.freedesktop.systemd1", path, interface, method)
    guard result >= 0, let message else { throw .unreachable(errno: -result) }
    self.init(owning: message)
  }

  private static func type(_ character: Unicode.Scalar) -> CChar { CChar(UInt8(ascii: character)) }

  // MARK: Writing

  /// - Throws: `UnitRefusal.unreachable`, where memory is short.
  borrowing func append(_ text: String) throws(UnitRefusal) {
    let result = text.withCString { sd_bus_message_append_basic(message, Self.type("s"), $0) }
    guard result >= 0 else { throw .unreachable(errno: -result) }
  }

  /// Appends an array of strings.
  ///
  /// - Throws: `UnitRefusal.unreachable`, where memory is short.
  borrowing func append(_ texts: [String]) throws(UnitRefusal) {
    var result = sd_bus_message_open_container(message, Self.type("a"), "s")
    guard result >= 0 else { throw .unreachable(errno: -result) }
    for text in texts { try append(text) }
    result = sd_bus_message_close_container(message)
    guard result >= 0 else { throw .unreachable(errno: -result) }
  }

  // MARK: Reading

  /// The name and text of an error; nil for an answer that is none.
  borrowing func error() -> (name: String, message: String)? {
    guard let error = sd_bus_message_get_error(message), let name = error.pointee.name else { return nil }
    return (String(cString: name), error.pointee.message.map { String(cString: $0) } ?? "")
  }

  borrowing func string() -> String? {
    var text: UnsafePointer<CChar>?
    guard sd_bus_message_read_basic(message, Self.type("s"), &text) > 0 else { return nil }
    return text.map { String(cString: $0) }
  }

  /// An array of strings.
  borrowing func strings() -> [String]? {
    inside("a", "s") {
      var texts: [String] = []
      while sd_bus_message_at_end(message, 0) == 0 {
        guard let text = string() else { return nil }
        texts.append(text)
      }
      return texts
    }
  }

  /// Reads values of these types and drops them.
  borrowing func skip(_ types: String) -> Bool { sd_bus_message_skip(message, types) >= 0 }

  /// Reads what is in a container, by `body`, which reads all of it.
  ///
  /// - Parameters:
  ///   - type: `a`, `r`, `e` or `v`.
  ///   - contents: The types in it.
  /// - Returns: Nil at the end of an array, and where it is another type.
  borrowing func inside<Value>(
    _ type: Unicode.Scalar, _ contents: String, _ body: () -> Value?
  ) -> Value? {
    guard sd_bus_message_enter_container(message, Self.type(type), contents) > 0 else { return nil }
    let value = body()
    guard value != nil, sd_bus_message_exit_container(message) >= 0 else { return nil }
    return value
  }

  /// The elements of an array of structures or entries.
  ///
  /// - Returns: Nil where it is none, or an element is not of its type.
  borrowing func array<Element>(
    of type: Unicode.Scalar, _ contents: String, _ element: () -> Element?
  ) -> [Element]? {
    let whole = type == "e" ? "{\(contents)}" : "(\(contents))"
    return inside("a", whole) {
      var elements: [Element] = []
      while sd_bus_message_at_end(message, 0) == 0 {
        guard let element = inside(type, contents, element) else { return nil }
        elements.append(element)
      }
      return elements
    }
  }
}
