import Primitives

extension Contrast {
    /// What a script came to under one design.
    public struct Figures: Equatable, Sendable {
        /// How many requests were answered with 200, of how many that were asked.
        public struct Share: Equatable, Sendable {
            /// Answered with 200 before their clients gave up.
            public var answered: Int
            /// Asked.
            public var asked: Int
        }

        /// How many adds clients were told are done.
        public var acknowledged: Int
        /// How many of them are in the value in the end. Where nodes hold different values for good, it
        /// is the one that holds most of them.
        public var surviving: Int
        /// How many adds have an outcome that their clients don't know: neither acknowledged nor lost,
        /// whether they are in the value or not.
        public var unknown: Int
        /// What each node holds in the end.
        public var values: [Int64]
        /// Reads that returned less than what a client had been told before they were asked.
        public var staleReads: Int
        /// Reads at all.
        public var reads: Share
        /// How long after the last acknowledged add and the end of the fault all nodes held the same
        /// for good; nil where they never do.
        public var agreement: Timespan?
        /// Requests asked while the fault lasted, or ever where there was none.
        public var duringFault: Share
        /// Those among them from clients on the side without a majority; nil where there is no such side.
        public var inMinority: Share?
        /// From when an acknowledged add was asked to its answer, the median; nil without any.
        public var addMedian: Timespan?
        /// The same for reads.
        public var readMedian: Timespan?
        /// How many messages all nodes together sent each other in a second while clients asked.
        public var messagesInSecond: Int

        /// How many acknowledged adds left nothing behind.
        public var lost: Int { acknowledged - surviving }
    }
}

extension Contrast.Figures {
    init(_ record: Contrast.Record) {
        let calls = record.calls
        let adds = calls.filter { !$0.isRead }
        let reads = calls.filter { $0.isRead }
        let told = adds.compactMap { $0.done }
        acknowledged = told.count
        surviving = record.surviving.count
        unknown = adds.count { $0.fate == .unknown }
        values = record.values.compactMap { $0 }
        staleReads = reads.count { read in
            guard let seen = read.done?.value else { return false }
            return told.contains { $0.at <= read.askedAt && $0.value > seen }
        }
        self.reads = Share(reads)
        let lastChange = max(told.map(\.at).max() ?? .origin, record.settledFrom)
        agreement = record.agreedSince.map { $0.since(lastChange) }
        let during = calls.filter { record.fault.contains($0.askedAt) }
        duringFault = Share(during)
        inMinority =
            record.minority.isEmpty
            ? nil : Share(during.filter { record.minority.contains($0.home) })
        addMedian = Contrast.Figures.median(adds)
        readMedian = Contrast.Figures.median(reads)
        messagesInSecond = record.messagesInSecond
    }

    private static func median(_ calls: [Contrast.Call]) -> Timespan? {
        let times = calls.compactMap { call in call.done.map { $0.at.since(call.askedAt) } }
            .sorted()
        return times.isEmpty ? nil : times[times.count / 2]
    }
}

extension Contrast.Figures.Share {
    fileprivate init(_ calls: [Contrast.Call]) {
        self.init(answered: calls.count { $0.done != nil }, asked: calls.count)
    }
}
