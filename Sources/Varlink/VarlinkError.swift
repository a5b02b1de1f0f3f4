// SPDX-License-Identifier: Apache-2.0

/// An error as it goes over the wire: a name and parameters.
package struct VarlinkError: Error, Sendable, Hashable {
  /// Fully qualified: `org.varlink.service.MethodNotFound`.
  package let name: String

  /// The fields of the error's declaration.
  package let parameters: VarlinkParameters

  /// - Parameters:
  ///   - name: fully qualified, of an error that an interface of the service declares.
  ///   - parameters: strings by name.
  package init(_ name: String, _ parameters: KeyValuePairs<String, String> = [:]) {
    self.name = name
    self.parameters = VarlinkParameters(strings: parameters)
  }

  /// - Parameters:
  ///   - name: fully qualified, of an error that an interface of the service declares.
  ///   - parameters: already encoded.
  package init(_ name: String, encoded parameters: VarlinkParameters) {
    self.name = name
    self.parameters = parameters
  }
}

/// The errors of org.varlink.service, for every service.
extension VarlinkError {
  /// The service has no such interface.
  static func interfaceNotFound(_ interface: String) -> Self {
    Self("org.varlink.service.InterfaceNotFound", ["interface": interface])
  }

  /// The interface has no such method; fully qualified.
  static func methodNotFound(_ method: String) -> Self {
    Self("org.varlink.service.MethodNotFound", ["method": method])
  }

  /// The interface declares the method, but the service does not implement it.
  static func methodNotImplemented(_ method: String) -> Self {
    Self("org.varlink.service.MethodNotImplemented", ["method": method])
  }

  /// A parameter is missing, unknown or wrong; its path is dotted (`peers.0.name`).
  static func invalidParameter(_ parameter: String) -> Self {
    Self("org.varlink.service.InvalidParameter", ["parameter": parameter])
  }

  /// The method has several replies, and the caller accepts a single one.
  static let expectedMore = Self("org.varlink.service.ExpectedMore")

  /// The caller may not do this.
  package static let permissionDenied = Self("org.varlink.service.PermissionDenied")

  /// The message is no request: not JSON, not UTF-8, too long, too deep, without a method. The protocol has
  /// no error of its own for that.
  static let malformedRequest = invalidParameter("request")
}
