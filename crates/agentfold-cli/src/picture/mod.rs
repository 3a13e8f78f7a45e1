//! Draws agents over time as an SVG picture.

mod axis;
mod escaped;
mod legend;
mod palette;
mod rows;
mod strips;

use agentfold::Agent;
use agentfold::history::Window;
use chrono_tz::Tz;

pub(crate) use self::rows::Rows;

use self::axis::{Axis, Tick};
use self::escaped::{Escaped, fitted, width};
use self::legend::Shown;
use self::palette::{Fill, Palette, Texture};
use self::rows::Row;

const WIDTH: f64 = 1200.0;
const MARGIN: f64 = 18.0;
/// The space between the columns of the gutter.
const GAP: f64 = 10.0;
/// The most space for an agent's name.
const LONGEST: f64 = 200.0;
/// The space between agents.
const BETWEEN: f64 = 20.0;
/// The height of the axis with the names of hours and days.
const AXIS: f64 = 44.0;
/// The height after which the axis is repeated.
const REPEAT: f64 = 800.0;

/// The sizes of patterns: stretched over what they fill, or repeated.
const STRETCHED: &str = r#"width="1" height="1" patternContentUnits="objectBoundingBox""#;
const REPEATED: &str = r#"width="5" height="5" patternUnits="userSpaceOnUse""#;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;\
font-size:11px;fill:#3d4650}\
.h{font-size:18px;font-weight:600;fill:#1b1f24}.b{font-weight:600;fill:#1b1f24}.n{font-size:12px}\
.s{font-size:9.5px;fill:#6b7580}.m{text-anchor:middle}.e{text-anchor:end}\
.area{fill:#f5f6f8}.grid{stroke:#dde1e6;fill:none}.day{stroke:#aab2bc;fill:none}.rule{stroke:#c6ccd4}\
.line{stroke:#222b36;stroke-width:1.2;fill:none}.load{fill:#8593a5;fill-opacity:.45}\
.cap{stroke:#b3402a;stroke-dasharray:4 2.5;fill:none}\
.unknown{fill:#fff;stroke:#c6ccd4;stroke-dasharray:2 3}.none{stroke:#8b95a1;stroke-width:2}\
.hit{fill:#fff;fill-opacity:0}\
.p{paint-order:stroke;stroke-width:3px}.p,.line,.cap,.none{pointer-events:none}";

/// Draws agents in a window, with times in a zone.
pub(crate) fn svg(agents: &[Rows], window: &Window, zone: Tz) -> String {
    let shown = Shown::in_rows(agents);
    let sizes = Sizes::of(agents);
    let gutter = Gutter::of(agents);
    let axis = Axis::new(window, zone, gutter.right, WIDTH - MARGIN - gutter.right);
    let palette = Palette::new(&shown.states);
    let ticks = axis.ticks();
    let mut page = Page { out: String::new(), axis, ticks, palette, sizes, gutter };
    page.head(agents.len(), window);
    let mut y = page.legend(&shown, 72.0) + 8.0;
    page.axis(y, true);
    y += AXIS;
    let mut named = y;
    for agent in agents {
        if y - named > REPEAT {
            page.axis(y, true);
            y += AXIS;
            named = y;
        }
        y = page.agent(agent, y) + BETWEEN;
    }
    if y - named > 0.3 * REPEAT {
        page.axis(y - BETWEEN, false);
        y += AXIS - BETWEEN;
    }
    page.framed(y + 4.0, &shown)
}

/// The heights of parts of rows: the fewer rows, the higher.
struct Sizes {
    unified: f64,
    load: f64,
    states: f64,
    gap: f64,
}

impl Sizes {
    fn of(agents: &[Rows]) -> Sizes {
        match agents.iter().map(|agent| agent.rows.len()).sum() {
            0..=10 => Sizes { unified: 20.0, load: 36.0, states: 16.0, gap: 8.0 },
            11..=40 => Sizes { unified: 16.0, load: 22.0, states: 12.0, gap: 6.0 },
            _ => Sizes { unified: 14.0, load: 15.0, states: 9.0, gap: 4.0 },
        }
    }
}

/// The area at the left, for the names of agents and rows.
struct Gutter {
    /// The right end of the names of channels.
    names: f64,
    names_width: f64,
    /// The left end of the time axis.
    right: f64,
}

impl Gutter {
    fn of(agents: &[Rows]) -> Gutter {
        let widest = |widths: &mut dyn Iterator<Item = f64>| widths.fold(0.0, f64::max);
        let ids = widest(&mut agents.iter().flat_map(|agent| {
            let (first, second) = label(agent);
            [width(&first, 14.0), width(&second, 10.0)]
        }));
        let rows = agents.iter().flat_map(|agent| &agent.rows);
        let names_width = widest(&mut rows.map(|row| width(&row.name, 11.0))).min(130.0);
        let names = MARGIN + ids + GAP + names_width;
        Gutter { names, names_width, right: names + GAP + 22.0 }
    }
}

/// What stands beside an agent's rows: the name, or else the id; and below it the rest.
fn label(agent: &Rows) -> (String, String) {
    let Agent { account_id, agent_id } = agent.agent;
    match &agent.name {
        Some(name) => (fitted(name, 14.0, LONGEST), format!("{agent_id} · account {account_id}")),
        None => (agent_id.to_string(), format!("account {account_id}")),
    }
}

struct Page<'a> {
    out: String,
    axis: Axis,
    ticks: Vec<Tick>,
    palette: Palette<'a>,
    sizes: Sizes,
    gutter: Gutter,
}

impl Page<'_> {
    /// Writes the title, and the window and zone below it.
    fn head(&mut self, agents: usize, window: &Window) {
        let agents = if agents == 1 { "1 agent".to_owned() } else { format!("{agents} agents") };
        let (from, to) = (self.axis.time(window.from), self.axis.time(window.to));
        let as_of = match window.as_of == window.to {
            true => String::new(),
            false => format!(", as of {}", self.axis.time(window.as_of)),
        };
        let zone = self.axis.zone();
        self.out += &format!(
            "<title id=\"title\">{agents} from {from} to {to}</title>\n\
             <desc id=\"desc\">A row for each agent and channel: its state in colour, and the number of open items as a \
             line above it. Times are in {zone}.</desc>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <text class=\"h\" x=\"{MARGIN}\" y=\"32\">{agents} over time</text>\n\
             <text class=\"n\" x=\"{MARGIN}\" y=\"52\">{from} to {to}{as_of} · times in \
             <tspan class=\"b\">{zone}</tspan></text>\n"
        );
    }

    /// Writes the names of hours and days.
    fn axis(&mut self, top: f64, is_above: bool) {
        let (days, hours) =
            if is_above { (top + 12.0, top + 28.0) } else { (top + 32.0, top + 16.0) };
        for (x, name) in self.axis.periods() {
            self.out += &format!("<text class=\"b\" x=\"{x}\" y=\"{days}\">{name}</text>\n");
        }
        for tick in &self.ticks {
            let class = if tick.is_midnight { "m b" } else { "m" };
            // Keep the last name inside the picture.
            let x = tick.x.min(WIDTH - 4.0 - width(&tick.label, 11.0) / 2.0);
            let label = &tick.label;
            self.out +=
                &format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{hours}\">{label}</text>\n");
        }
    }

    /// Draws an agent, and returns its bottom.
    fn agent(&mut self, agent: &Rows, top: f64) -> f64 {
        let Sizes { unified, load, states, gap } = self.sizes;
        let height = |row: &Row| if row.load.is_some() { load + states } else { unified };
        let all: f64 = agent.rows.iter().map(|row| height(row) + gap).sum::<f64>() - gap;
        let rule = top - BETWEEN / 2.0;
        self.out += &format!(
            "<g class=\"agent\"><path class=\"rule\" d=\"M{MARGIN} {rule}H{}\"/>",
            WIDTH - MARGIN
        );
        let mut y = top;
        let (left, right) = (self.gutter.right, WIDTH - MARGIN);
        for row in &agent.rows {
            let width = right - left;
            let height = height(row);
            self.out += &format!(
                "<rect class=\"area\" x=\"{left:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height}\"/>"
            );
            y += height + gap;
        }
        for tick in &self.ticks {
            let class = if tick.is_midnight { "day" } else { "grid" };
            let x = tick.x;
            self.out +=
                &format!("<path class=\"{class}\" d=\"M{x} {}V{}\"/>", top - 4.0, top + all + 4.0);
        }
        let (first, second) = label(agent);
        self.out += &format!(
            "<text class=\"b n\" x=\"{MARGIN}\" y=\"{}\">{}</text>\
             <text class=\"s\" x=\"{MARGIN}\" y=\"{}\">{second}</text>\n",
            top + 12.0,
            Escaped(first),
            top + 25.0
        );
        let mut y = top;
        for row in &agent.rows {
            let height = height(row);
            self.row(row, y, height);
            y += height + gap;
        }
        self.out += "</g>\n";
        // The two lines of the agent's name need more height than one low row.
        top + all.max(28.0)
    }

    /// Assembles the file.
    fn framed(self, height: f64, shown: &Shown<'_>) -> String {
        let (mut style, mut patterns) = (STYLE.to_owned(), String::new());
        for (i, state) in self.palette.shown.iter().enumerate() {
            let Fill { color, texture } = self.palette.fill(state);
            // A pattern is as large as the stretch, or it repeats every five pixels.
            let (size, whole, white) = match texture {
                Texture::Plain => {
                    style += &format!(".s{i}{{fill:{color}}}");
                    continue;
                }
                Texture::Edged => (STRETCHED, "h1v1H0z", "M0 .12h1v.1H0zM0 .78h1v.1H0z"),
                Texture::Barred => (REPEATED, "h5v5H0z", "M0 0h1.2v5H0z"),
                Texture::Lined => (STRETCHED, "h1v1H0z", "M0 .62h1v.18H0z"),
            };
            style += &format!(".s{i}{{fill:url(#f{i})}}");
            patterns += &format!(
                "<pattern id=\"f{i}\" {size}><path fill=\"{color}\" d=\"M0 0{whole}\"/>\
                 <path fill=\"#fff\" d=\"{white}\"/></pattern>"
            );
        }
        if shown.is_disputed {
            patterns += "<pattern id=\"disputed\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"rotate(45)\"><rect width=\"3\" height=\"6\" fill=\"#fff\" fill-opacity=\".85\"/>\
                 <rect x=\"3\" width=\"1.6\" height=\"6\" fill=\"#1b1f24\"/></pattern>";
        }
        if shown.is_inferred {
            patterns += "<pattern id=\"inferred\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">\
                 <rect width=\"5\" height=\"5\" fill=\"#fff\" fill-opacity=\".45\"/>\
                 <circle cx=\"2.5\" cy=\"2.5\" r=\"1.3\" fill=\"#fff\"/></pattern>";
        }
        let height = height.ceil();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" \
             width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n{}\
             <style>{style}</style>\n<defs>{patterns}</defs>\n</svg>\n",
            self.out
        )
    }
}
