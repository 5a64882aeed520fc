import Primitives
import Simulation

/// Draws what every node held when, as an SVG: for each script both designs one above the other, a
/// lane for each node. It brings its own background, light or dark as the viewer likes it.
struct ContrastDrawing {
    /// The picture of these scripts, one below the other.
    static func svg(_ comparisons: [Contrast.Comparison]) -> String {
        var drawing = ContrastDrawing()
        for comparison in comparisons { drawing.draw(comparison) }
        return drawing.document
    }

    // All lengths are in the picture's own units, a pixel each where it is not scaled.
    private static let width = 880
    private static let left = 36
    private static let right = 84
    private static let laneHeight = 26
    private static let laneStep = 30
    /// How much of the run is shown: what clients do, and a while after.
    private static let shown = Timespan.milliseconds(20_000)

    private var body = ""
    private var bottom = 30
    /// How many adds fill a lane's height.
    private var most = 1

    private mutating func draw(_ comparison: Contrast.Comparison) {
        most = max(
            1,
            [comparison.gossip, comparison.raft].flatMap(\.timeline.lanes).joined().map {
                Contrast.Script.adds(in: $0.value ?? 0)
            }.max() ?? 1)
        text(10, bottom + 22, "\(comparison.script.rawValue): \(comparison.script.summary)", "head")
        text(
            ContrastDrawing.width - 10, bottom + 22, "seed \(comparison.seed)", "small end")
        bottom += 32
        draw("gossip", comparison.gossip, comparison.script)
        draw("raft", comparison.raft, comparison.script)
        drawAxis()
        bottom += 14
    }

    private mutating func draw(
        _ name: String, _ outcome: Contrast.Outcome, _ script: Contrast.Script
    ) {
        let figures = outcome.figures
        let agreement = figures.agreement.map { "agreed after \($0.wholeMilliseconds) ms" }
        text(10, bottom + 13, name, "name")
        text(
            66, bottom + 13,
            "\(figures.acknowledged) adds acknowledged, \(figures.lost) lost, "
                + "\(figures.staleReads) stale reads, \(agreement ?? "never agreed"), "
                + "\(figures.duringFault.answered) of \(figures.duringFault.asked) requests answered"
                + (script.faultTime == nil ? "" : " during the fault"),
            figures.lost > 0 ? "small bad" : "small")
        bottom += 20
        let height = outcome.timeline.lanes.count * ContrastDrawing.laneStep
        if let fault = script.faultTime {
            let (from, to) = (x(fault.lowerBound), x(fault.upperBound))
            rectangle(from, bottom, to, bottom + height - 4, "fault")
        }
        for (node, lane) in outcome.timeline.lanes.enumerated() {
            let marks = outcome.timeline.acknowledgements.filter { $0.node == node }
            drawLane(node, lane, marks)
            bottom += ContrastDrawing.laneStep
        }
        bottom += 6
    }

    private mutating func drawLane(
        _ node: Int, _ lane: [Contrast.Timeline.Moment],
        _ marks: [Contrast.Timeline.Acknowledgement]
    ) {
        let floor = bottom + ContrastDrawing.laneHeight
        rectangle(x(.zero), bottom, x(ContrastDrawing.shown), floor, "lane")
        text(10, bottom + 18, "n\(node + 1)", "small")
        for band in bands(lane, where: \.isLeading) {
            rectangle(x(band.lowerBound), bottom, x(band.upperBound), floor, "leads")
        }
        for band in bands(lane, where: { $0.value == nil }) {
            rectangle(x(band.lowerBound), bottom, x(band.upperBound), floor, "down")
        }
        for isLost in [false, true] {
            let path = marks.filter { $0.isLost == isLost && $0.time < ContrastDrawing.shown }.map {
                "M\(tenths(x($0.time))) \(floor)v\(isLost ? -10 : -5)"
            }
            guard !path.isEmpty else { continue }
            body += "<path class=\"\(isLost ? "lost" : "kept")\" d=\"\(path.joined())\"/>\n"
        }
        body += "<path class=\"value\" d=\"\(valuePath(lane, floor: floor))\"/>\n"
        if let last = lane.last?.value {
            text(ContrastDrawing.width - 10, bottom + 18, "\(last)", "small end")
        }
    }

    /// The times within the picture at which something holds for a node.
    private func bands(
        _ lane: [Contrast.Timeline.Moment], where holds: (Contrast.Timeline.Moment) -> Bool
    ) -> [Range<Timespan>] {
        var bands: [Range<Timespan>] = []
        var start: Timespan?
        for moment in lane where moment.time < ContrastDrawing.shown {
            if holds(moment) {
                start = start ?? moment.time
            } else if let from = start {
                bands.append(from..<moment.time)
                start = nil
            }
        }
        if let start { bands.append(start..<ContrastDrawing.shown) }
        return bands
    }

    /// The number of adds in a node's value, as steps; nothing where no process runs.
    private func valuePath(_ lane: [Contrast.Timeline.Moment], floor: Int) -> String {
        var path = ""
        var isDrawing = false
        for moment in lane where moment.time < ContrastDrawing.shown {
            let across = tenths(x(moment.time))
            guard let value = moment.value else {
                if isDrawing { path += "H\(across)" }
                isDrawing = false
                continue
            }
            let up = Contrast.Script.adds(in: value) * 10 * (ContrastDrawing.laneHeight - 4) / most
            let height = tenths(floor * 10 - 10 - up)
            path += isDrawing ? "H\(across)V\(height)" : "M\(across) \(height)"
            isDrawing = true
        }
        return isDrawing ? path + "H\(tenths(x(ContrastDrawing.shown)))" : path
    }

    private mutating func drawAxis() {
        for second in stride(
            from: 0, through: ContrastDrawing.shown.wholeMilliseconds / 1_000, by: 2)
        {
            let across = x(.milliseconds(second * 1_000))
            body += "<text class=\"small mid\" x=\"\(tenths(across))\" y=\"\(bottom + 8)\">"
            body += "\(second) s</text>\n"
        }
        bottom += 12
    }

    // MARK: Pieces

    /// How far to the right a time stands, in tenths of a unit.
    private func x(_ time: Timespan) -> Int {
        let room = ContrastDrawing.width - ContrastDrawing.left - ContrastDrawing.right
        let shown = ContrastDrawing.shown.wholeMilliseconds
        return ContrastDrawing.left * 10 + time.wholeMilliseconds * room * 10 / shown
    }

    private func tenths(_ length: Int) -> String {
        length % 10 == 0 ? "\(length / 10)" : "\(length / 10).\(length % 10)"
    }

    /// `from` and `to` are tenths, as `x` gives them.
    private mutating func rectangle(
        _ from: Int, _ top: Int, _ to: Int, _ bottom: Int, _ kind: String
    ) {
        body += "<rect class=\"\(kind)\" x=\"\(tenths(from))\" y=\"\(top)\" "
        body += "width=\"\(tenths(to - from))\" height=\"\(bottom - top)\"/>\n"
    }

    private mutating func text(_ across: Int, _ down: Int, _ words: String, _ kind: String) {
        body += "<text class=\"\(kind)\" x=\"\(across)\" y=\"\(down)\">\(words)</text>\n"
    }

    private var document: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(ContrastDrawing.width) \(bottom)" \
        width="\(ContrastDrawing.width)" height="\(bottom)" role="img">
        <title>A gossiped value and Tally's under the same faults</title>
        <style>
        \(ContrastDrawing.style)
        </style>
        <rect class="ground" width="\(ContrastDrawing.width)" height="\(bottom)"/>
        \(ContrastDrawing.legend)
        \(body)</svg>

        """
    }

    private static let legend = """
        <path class="value" d="M10 22h8v-7h10"/>
        <text class="small" x="34" y="22">adds in the node's value</text>
        <path class="kept" d="M196 23v-5m4 5v-5m4 5v-5"/>
        <text class="small" x="211" y="22">acknowledged add</text>
        <path class="lost" d="M336 23v-10m4 10v-10m4 10v-10"/>
        <text class="small" x="351" y="22">acknowledged and lost</text>
        <rect class="leads" x="503" y="10" width="16" height="14"/>
        <text class="small" x="525" y="22">leads</text>
        <rect class="down" x="577" y="10" width="16" height="14"/>
        <text class="small" x="599" y="22">down</text>
        <rect class="fault" x="649" y="10" width="16" height="14"/>
        <text class="small" x="671" y="22">fault</text>
        <text class="small end" x="870" y="22">value in the end</text>
        """

    private static let style = """
        text{font-family:system-ui,sans-serif;fill:#1f2328}
        .head{font-size:14px;font-weight:600}.name{font-size:13px;font-weight:600}
        .small{font-size:12px}.end{text-anchor:end}.mid{text-anchor:middle}
        .ground{fill:#fff}.lane{fill:#818b98;fill-opacity:.12}.fault{fill:#d29922;fill-opacity:.28}
        .leads{fill:#218bff;fill-opacity:.28}.down{fill:#57606a;fill-opacity:.75}
        .value{fill:none;stroke:#1f2328;stroke-width:1.5}
        .kept{stroke:#1a7f37;stroke-width:1.5}.lost{stroke:#cf222e;stroke-width:2}
        .bad{fill:#cf222e}
        @media (prefers-color-scheme:dark){text{fill:#e6edf3}.ground{fill:#0d1117}
        .value{stroke:#e6edf3}.kept{stroke:#3fb950}.lost{stroke:#ff6a62}.bad{fill:#ff6a62}}
        """
}
