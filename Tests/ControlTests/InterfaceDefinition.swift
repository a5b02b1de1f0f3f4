// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport

/// A definition in Varlink's language (https://varlink.org/Interface-Definition): a parser that shares
/// nothing with the types that it is held against.
struct InterfaceDefinition {
  indirect enum FieldType: Equatable {
    case bool
    case int
    case float
    case string
    case named(String)
    case list(FieldType)
    case dictionary(FieldType)
    case optional(FieldType)
    case structure([String: FieldType])
  }

  struct Method {
    var parameters: FieldType
    var reply: FieldType
  }

  private(set) var name = ""
  private(set) var types: [String: FieldType] = [:]
  private(set) var methods: [String: Method] = [:]
  private(set) var errors: [String: FieldType] = [:]
  /// Names of types where they are used.
  private(set) var used: Set<String> = []

  init(_ text: String) throws {
    var tokens = Tokens(text)
    try tokens.expect("interface")
    name = try tokens.next()
    while let keyword = tokens.peek {
      tokens.skip()
      let name = try tokens.next()
      guard name.first?.isUppercase == true, types[name] == nil, methods[name] == nil, errors[name] == nil
      else { throw tokens.failure("another name than \(name)") }
      switch keyword {
      case "type": types[name] = try structure(&tokens)
      case "error": errors[name] = try structure(&tokens)
      case "method":
        let parameters = try structure(&tokens)
        try tokens.expect("->")
        methods[name] = Method(parameters: parameters, reply: try structure(&tokens))
      default: throw tokens.failure("type, method or error, not \(keyword)")
      }
    }
  }

  private mutating func structure(_ tokens: inout Tokens) throws -> FieldType {
    var fields: [String: FieldType] = [:]
    try tokens.expect("(")
    while tokens.peek != ")" {
      if !fields.isEmpty { try tokens.expect(",") }
      let name = try tokens.next()
      try tokens.expect(":")
      guard fields.updateValue(try type(&tokens), forKey: name) == nil else {
        throw tokens.failure("one field \(name)")
      }
    }
    tokens.skip()
    return .structure(fields)
  }

  private mutating func type(_ tokens: inout Tokens) throws -> FieldType {
    if tokens.peek == "(" { return try structure(&tokens) }
    switch try tokens.next() {
    case "bool": return .bool
    case "int": return .int
    case "float": return .float
    case "string": return .string
    case "?": return .optional(try type(&tokens))
    case "[]": return .list(try type(&tokens))
    case "[string]": return .dictionary(try type(&tokens))
    case let name where name.first?.isUppercase == true:
      used.insert(name)
      return .named(name)
    case let other: throw tokens.failure("a type, not \(other)")
    }
  }

  private struct Tokens {
    private var rest: ArraySlice<String>

    init(_ text: String) {
      let code = text.split(separator: "\n").map { $0.prefix { $0 != "#" } }.joined(separator: "\n")
      rest = code.matches(of: #/->|\[string\]|\[\]|[A-Za-z0-9_.]+|\S/#).map { String($0.output) }[...]
    }

    var peek: String? { rest.first }

    mutating func skip() { rest = rest.dropFirst() }

    mutating func next() throws -> String {
      guard let token = rest.popFirst() else { throw failure("more") }
      return token
    }

    mutating func expect(_ token: String) throws {
      guard try next() == token else { throw failure(token) }
    }

    func failure(_ expected: String) -> TestFailure {
      TestFailure("definition: expected \(expected), before \(rest.prefix(5).joined(separator: " "))")
    }
  }
}

extension InterfaceDefinition {
  /// What differs between a JSON text and a type, each with its path: a field that is missing or not
  /// declared, a value of another type, and a list or dictionary without an element, for it would hide the
  /// element's type.
  func differences(_ json: Data, from type: FieldType) throws -> [String] {
    try differences(at: "", JSONDecoder().decode(Document.self, from: json).decoder, type)
  }

  private func differences(at path: String, _ decoder: any Decoder, _ type: FieldType) throws -> [String] {
    switch type {
    case .named(let name):
      guard let type = types[name] else { return ["\(path): no type \(name)"] }
      return try differences(at: path, decoder, type)
    case .optional(let type): return try differences(at: path, decoder, type)
    case .structure(let fields):
      guard let object = try? decoder.container(keyedBy: Name.self) else { return ["\(path): no object"] }
      let found = Set(object.allKeys.map(\.stringValue))
      let missing = fields.keys.filter { !found.contains($0) }.map { "\(path).\($0): missing" }
      let undeclared = found.filter { fields[$0] == nil }.map { "\(path).\($0): not declared" }
      let inner = try fields.filter { found.contains($0.key) }.flatMap { name, type in
        try differences(at: "\(path).\(name)", object.superDecoder(forKey: Name(stringValue: name)), type)
      }
      return (missing + undeclared + inner).sorted()
    case .dictionary(let type):
      guard let object = try? decoder.container(keyedBy: Name.self) else { return ["\(path): no object"] }
      if object.allKeys.isEmpty { return ["\(path): empty"] }
      return try object.allKeys.flatMap {
        try differences(at: "\(path).\($0.stringValue)", object.superDecoder(forKey: $0), type)
      }
    case .list(let type):
      guard var list = try? decoder.unkeyedContainer() else { return ["\(path): no list"] }
      if list.isAtEnd { return ["\(path): empty"] }
      var all: [String] = []
      while !list.isAtEnd { all += try differences(at: "\(path)[]", list.superDecoder(), type) }
      return all
    case .bool: return scalar(Bool.self, path, decoder)
    case .int: return scalar(Int64.self, path, decoder)
    case .float: return scalar(Double.self, path, decoder)
    case .string: return scalar(String.self, path, decoder)
    }
  }

  private func scalar(_ type: (some Decodable).Type, _ path: String, _ decoder: any Decoder) -> [String] {
    let value = try? decoder.singleValueContainer().decode(type)
    return value == nil ? ["\(path): no \(type)"] : []
  }

  private struct Name: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Any JSON, undecoded.
  private struct Document: Decodable {
    let decoder: any Decoder

    init(from decoder: any Decoder) { self.decoder = decoder }
  }
}
