import Configuration

/// What became of one command at the cluster. The texts are one line each, for people.
public enum Answer: Sendable, Equatable {
    /// Done; the value is this now. The document is the node's whole answer, where it was one in JSON.
    case value(Int64, document: JSONValue? = nil)

    /// That node leads that term now, as was asked. The document is the node's whole answer.
    case leads(String, term: UInt64, document: JSONValue)

    /// The cluster's state as a file, these bytes.
    case snapshot([UInt8])

    /// The cluster understood and said no, as for a sum that leaves Int64. Nothing was changed. The
    /// code is the machine's name for the reason, such as `overflow`; a replay was found under the
    /// write's key, as what became of an earlier try.
    case refused(String, code: String? = nil, isReplay: Bool = false)

    /// Nothing was changed, and asking again may help.
    case notApplied(String)

    /// The write may have been applied, now or later, or not at all.
    case unknown(String)

    /// No node could be reached.
    case unreachable(String)
}
