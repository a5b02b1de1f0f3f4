// SPDX-License-Identifier: Apache-2.0

/// The identity of a service and its interfaces; `org.varlink.service` is added.
package struct VarlinkService: Sendable {
  /// The error that is sent before the server closes a connection for a reason of its own; nil for none.
  package let refusal: @Sendable (VarlinkRefusal) -> VarlinkError?

  private let interfaces: [String: VarlinkInterface]

  /// - Parameters:
  ///   - vendor: of the service; as the three below, a text of `GetInfo`.
  ///   - product: its name.
  ///   - version: of the product.
  ///   - url: of its documentation.
  ///   - interfaces: its own, with distinct names.
  ///   - refusal: the service's own errors for the server's refusals.
  package init(
    vendor: String, product: String, version: String, url: String, interfaces: [VarlinkInterface],
    refusal: @escaping @Sendable (VarlinkRefusal) -> VarlinkError? = { _ in nil }
  ) {
    let own = VarlinkInterface.service(
      info: ServiceInfo(
        vendor: vendor, product: product, version: version, url: url,
        interfaces: [serviceInterface] + interfaces.map(\.name)),
      descriptions: Dictionary(uniqueKeysWithValues: interfaces.map { ($0.name, $0.description) }))
    self.refusal = refusal
    self.interfaces = Dictionary(uniqueKeysWithValues: ([own] + interfaces).map { ($0.name, $0) })
  }

  /// The method that a request is for.
  ///
  /// - Throws: `InterfaceNotFound`, `MethodNotFound`, `MethodNotImplemented` for an upgrade,
  ///   `InvalidParameter` for a parameter that the method does not have, `ExpectedMore` for a call without
  ///   `more` of a method that has several replies.
  func method(for request: VarlinkRequest) throws(VarlinkError) -> VarlinkMethod {
    guard let interface = interfaces[request.interface] else { throw .interfaceNotFound(request.interface) }
    guard let method = interface.methods[String(request.method.dropFirst(request.interface.count + 1))]
    else { throw .methodNotFound(request.method) }
    if request.upgrade { throw .methodNotImplemented(request.method) }
    if let unknown = request.parameterNames.first(where: { !method.accepts.contains($0) }) {
      throw .invalidParameter(unknown)
    }
    if case .stream = method.handler, !request.more || request.oneway { throw .expectedMore }
    return method
  }
}

private let serviceInterface = "org.varlink.service"

/// The reply to `GetInfo`.
private struct ServiceInfo: Encodable, Sendable {
  var vendor: String
  var product: String
  var version: String
  var url: String
  var interfaces: [String]
}

extension VarlinkInterface {
  /// `org.varlink.service`, which every service has.
  fileprivate static func service(info: ServiceInfo, descriptions: [String: String]) -> VarlinkInterface {
    struct Asked: Decodable { var interface: String }
    struct Description: Encodable { var description: String }
    return VarlinkInterface(
      name: serviceInterface, description: serviceDescription,
      methods: [
        VarlinkMethod("GetInfo") { _ in info },
        VarlinkMethod("GetInterfaceDescription", accepts: ["interface"]) {
          (call) throws(VarlinkError) -> Description in
          let name = try call.parameters(Asked.self).interface
          if name == serviceInterface { return Description(description: serviceDescription) }
          guard let description = descriptions[name] else { throw .interfaceNotFound(name) }
          return Description(description: description)
        },
      ])
  }
}

/// varlink.org, "Service", with the two errors that systemd added (sd-varlink-idl).
private let serviceDescription = """
  # What every Varlink service tells of itself.
  interface org.varlink.service

  # Who made the service, what it is, and the interfaces that it offers.
  method GetInfo() -> (
    vendor: string,
    product: string,
    version: string,
    url: string,
    interfaces: []string
  )

  # The definition of one of the interfaces.
  method GetInterfaceDescription(interface: string) -> (description: string)

  # The service has no such interface.
  error InterfaceNotFound (interface: string)

  # The interface has no such method.
  error MethodNotFound (method: string)

  # The interface has the method, and this service does not implement it.
  error MethodNotImplemented (method: string)

  # A parameter is missing, unknown or wrong, or the request is not one.
  error InvalidParameter (parameter: string)

  # The caller may not do this.
  error PermissionDenied ()

  # The method answers only calls with 'more'.
  error ExpectedMore ()

  """
