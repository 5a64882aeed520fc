// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house, from the bottom up. A target may know only what stands in its own line;
// docs/architecture.md says why. There are no package dependencies.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .strictMemorySafety()]

func room(_ name: String, knows dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
    of name: String, knows dependencies: [Target.Dependency] = [], beside files: [String] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name), "Effort"] + dependencies,
        exclude: files, swiftSettings: [.swiftLanguageMode(.v6)])
}

// Arbitrary bytes for what reads bytes; docs/testing.md says how they are run.
func fuzzer(_ name: String) -> Target {
    .executableTarget(name: "fuzz-" + name, dependencies: ["Fuzzing"])
}

let package = Package(
    name: "tally",
    platforms: [.macOS(.v26)],
    targets: [
        room("Primitives"),
        room("Gossip", knows: ["Primitives"]),
        room("Founding", knows: ["Primitives"]),
        room("Raft", knows: ["Primitives"]),
        room("Calculator", knows: ["Primitives"]),
        room("Wire", knows: ["Founding", "Primitives", "Raft"]),
        room("WriteAheadLog", knows: ["Founding", "Primitives", "Raft"]),
        room("Replica", knows: ["Founding", "Primitives", "Raft", "Wire"]),
        room(
            "Node",
            knows: [
                "Founding", "Gossip", "Primitives", "Raft", "Replica", "Wire", "WriteAheadLog",
            ]),
        room(
            "Simulation",
            knows: [
                "Calculator", "Founding", "Gossip", "Node", "Primitives", "Raft", "Replica", "Wire",
                "WriteAheadLog",
            ]),
        room("HTTP", knows: ["Primitives"]),
        room("Configuration", knows: ["Primitives"]),
        .systemLibrary(name: "CLinux"),
        room(
            "Posix",
            knows: ["Primitives", .target(name: "CLinux", condition: .when(platforms: [.linux]))]),
        room(
            "Server",
            knows: [
                "Calculator", "Configuration", "Founding", "Gossip", "HTTP", "Node", "Posix",
                "Primitives", "Raft", "Replica", "Wire", "WriteAheadLog",
            ]),
        room("Client", knows: ["Configuration", "HTTP", "Posix", "Primitives"]),
        .executableTarget(
            name: "tally",
            dependencies: [
                "Client", "Configuration", "Posix", "Primitives", "Server", "Simulation",
            ],
            swiftSettings: strict),
        room(
            "Fuzzing",
            knows: [
                "Configuration", "Founding", "Gossip", "HTTP", "Posix", "Primitives", "Raft",
                "Wire", "WriteAheadLog",
            ]),
        fuzzer("requests"),
        fuzzer("frames"),
        fuzzer("log"),
        fuzzer("config"),
        fuzzer("gossip"),

        // How much the tests with seeds and rounds do.
        .target(name: "Effort", path: "Tests/Effort", swiftSettings: [.swiftLanguageMode(.v6)]),
        // Runs the shipped program's processes for the tests below; it ships with nothing.
        .target(
            name: "ClusterHarness",
            dependencies: ["Configuration", "HTTP", "Posix", "Primitives"],
            path: "Tests/ClusterHarness", swiftSettings: [.swiftLanguageMode(.v6)]),
        .testTarget(
            name: "ContractTests",
            dependencies: [
                "ClusterHarness", "Configuration", "Gossip", "HTTP", "Posix", "Primitives",
                "tally",
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),

        .testTarget(
            name: "ProcessTests",
            dependencies: [
                "ClusterHarness", "Configuration", "Effort", "Founding", "Gossip", "HTTP", "Posix",
                "Primitives", "Raft", "Wire", "tally",
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),

        tests(of: "Primitives"),
        tests(of: "Gossip", knows: ["Primitives"]),
        tests(of: "Founding", knows: ["Primitives"]),
        tests(of: "Raft", knows: ["Posix", "Primitives"], beside: ["Transcripts"]),
        tests(of: "Calculator", knows: ["Primitives"]),
        tests(of: "Wire", knows: ["Founding", "Primitives", "Raft"]),
        tests(of: "Replica", knows: ["Calculator", "Founding", "Primitives", "Raft", "Wire"]),
        tests(
            of: "Node",
            knows: [
                "Founding", "Gossip", "Primitives", "Raft", "Replica", "Wire", "WriteAheadLog",
            ]),
        tests(
            of: "WriteAheadLog", knows: ["Founding", "Posix", "Primitives", "Raft"],
            beside: ["Fixtures"]),
        tests(
            of: "Simulation",
            knows: [
                "Calculator", "Founding", "Node", "Primitives", "Raft", "Replica", "Wire",
                "WriteAheadLog",
            ]),
        tests(of: "HTTP", knows: ["Primitives"]),
        tests(of: "Configuration", knows: ["Primitives"]),
        tests(of: "Posix", knows: ["Primitives"]),
        tests(
            of: "Server",
            knows: [
                "Calculator", "Configuration", "Founding", "Gossip", "HTTP", "Node", "Posix",
                "Primitives", "Raft", "Replica", "WriteAheadLog",
            ]),
        tests(of: "Client", knows: ["Configuration", "HTTP", "Posix", "Primitives"]),
        tests(of: "Fuzzing", knows: ["Posix"]),
        tests(
            of: "tally",
            knows: ["Client", "Configuration", "Posix", "Primitives", "Server", "Simulation"]),
    ]
)
