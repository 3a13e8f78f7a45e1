//! Draws a row: a strip of states, and the load above it.

use agentfold::Shown;
use agentfold::history::Basis;

use super::Page;
use super::escaped::{Escaped, fitted, width};
use super::rows::{Row, State, Stretch};
use crate::output::counted;

/// The minimum width of a disputed stretch, so that it stays visible.
const SEEN: f64 = 1.5;

impl Page<'_> {
    /// Draws a row.
    pub(super) fn row(&mut self, row: &Row, y: f64, height: f64) {
        self.out += &format!("<g class=\"row\" transform=\"translate(0 {y})\">");
        let (x, middle) = (self.gutter.names, height / 2.0 + 4.0);
        let name = fitted(&row.name, 11.0, self.gutter.names_width);
        self.out += &format!("<text class=\"e\" x=\"{x:.1}\" y=\"{middle}\">{}", Escaped(&name));
        if name != row.name {
            self.out += &format!("<title>{}</title>", Escaped(&row.name));
        }
        self.out += "</text>\n";
        let states = if row.load.is_some() { self.sizes.states } else { height };
        if let Some(load) = &row.load {
            self.load(row, load, height - states);
        }
        for stretch in &row.states {
            self.state(&row.name, stretch, height - states, states);
        }
        for stretch in &row.no_access {
            self.no_access(&row.name, stretch, height - states, states);
        }
        self.out += "</g>\n";
    }

    /// Draws open items as an area under a line, with the capacity.
    fn load(&mut self, row: &Row, load: &[Stretch<u64>], height: f64) {
        let most = load.iter().map(|stretch| stretch.value).max().unwrap_or(0).max(1);
        let limit = row.capacity.iter().map(|stretch| stretch.value).max().unwrap_or(0);
        // Do not let a high capacity flatten the line.
        let scale = most.max(limit.min(most.max(3).saturating_mul(4)));
        let up = |items: u64| {
            let y = 1.5 + (1.0 - items as f64 / scale as f64) * (height - 2.0);
            (y * 10.0).round() / 10.0
        };
        let x = self.gutter.right - 6.0;
        self.out += &format!("<text class=\"s e\" x=\"{x:.1}\" y=\"8\">{scale}</text>");
        let (mut line, mut end) = (String::new(), None);
        for stretch in load {
            let (x, to, y) =
                (self.axis.x(stretch.from), self.axis.x(stretch.to), up(stretch.value));
            line += &match end == Some(stretch.from) {
                true => format!("V{y}H{to}"),
                false => format!("M{x} {y}H{to}"),
            };
            end = Some(stretch.to);
            if stretch.value > 0 && to > x {
                let (wide, high) = (to - x, height - y);
                let text = self.tooltip(&row.name, &counted(stretch.value, row.unit), stretch);
                let rect = format!("x=\"{x}\" y=\"{y}\" width=\"{wide:.1}\" height=\"{high:.1}\"");
                self.out += &format!("<rect class=\"load\" {rect}><title>{text}</title></rect>");
                if stretch.basis == Basis::Disputed {
                    self.out += &format!("<rect class=\"p\" fill=\"url(#disputed)\" {rect}/>");
                }
            }
        }
        self.out += &format!("<path class=\"line\" d=\"{line}\"/>\n");
        for stretch in row.capacity.iter().filter(|stretch| stretch.value <= scale) {
            let (x, to, y) =
                (self.axis.x(stretch.from), self.axis.x(stretch.to), up(stretch.value));
            self.out += &format!("<path class=\"cap\" d=\"M{x} {y}H{to}\"/>");
        }
    }

    fn state(&mut self, row: &str, stretch: &Stretch<Option<State>>, y: f64, height: f64) {
        let (x, to) = (self.axis.x(stretch.from), self.axis.x(stretch.to));
        let is_disputed = stretch.basis == Basis::Disputed;
        let wide = if is_disputed { (to - x).max(SEEN) } else { to - x };
        // Too short to be visible.
        if wide <= 0.0 {
            return;
        }
        let rect = format!("x=\"{x}\" y=\"{y}\" width=\"{wide:.1}\" height=\"{height}\"");
        let Some(state) = &stretch.value else {
            let text = self.tooltip(row, "unknown", stretch);
            let rect = format!(
                "x=\"{:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{}\"",
                x + 0.5,
                y + 0.5,
                (wide - 1.0).max(0.1),
                height - 1.0
            );
            self.out += &format!("<rect class=\"unknown\" {rect}><title>{text}</title></rect>\n");
            return;
        };
        let value = match &state.reason {
            Some(reason) => format!("{} ({reason})", state.name),
            None => state.name.clone(),
        };
        let text = self.tooltip(row, &value, stretch);
        let place = self.palette.place(&state.name);
        self.out += &format!("<rect class=\"s{place}\" {rect}><title>{text}</title></rect>");
        match stretch.basis {
            Basis::Disputed => {
                self.out += &format!("<rect class=\"p\" fill=\"url(#disputed)\" {rect}/>")
            }
            Basis::Inferred => {
                self.out += &format!("<rect class=\"p\" fill=\"url(#inferred)\" {rect}/>")
            }
            _ if height >= 12.0 && width(&state.name, 10.0) + 12.0 < wide => {
                let color = self.palette.fill(&state.name).color;
                let ink = color.ink();
                let (x, y) = (x + 5.0, y + height / 2.0 + 3.5);
                self.out += &format!(
                    "<text class=\"p\" style=\"font-size:10px;fill:{ink};stroke:{color}\" x=\"{x:.1}\" y=\"{y}\">{}</text>",
                    Escaped(&state.name)
                );
            }
            _ => {}
        }
        self.out += "\n";
    }

    fn no_access(&mut self, row: &str, stretch: &Stretch<()>, y: f64, height: f64) {
        let (x, to) = (self.axis.x(stretch.from), self.axis.x(stretch.to));
        if to <= x {
            return;
        }
        let text = self.tooltip(row, "no access", stretch);
        let (wide, middle) = (to - x, y + height / 2.0);
        self.out += &format!(
            "<path class=\"none\" d=\"M{x} {middle}H{to}\"/>\
             <rect class=\"hit\" x=\"{x}\" y=\"{y}\" width=\"{wide:.1}\" height=\"{height}\"><title>{text}</title></rect>\n"
        );
    }

    /// The text of a tooltip, as XML.
    fn tooltip<T>(&self, row: &str, value: &str, stretch: &Stretch<T>) -> String {
        let time = self.axis.stretch(stretch.from, stretch.to);
        let basis = stretch.basis.as_str();
        let (row, value) = (Shown(row), Shown(value));
        Escaped(format!("{row}: {value}\n{time}\n{basis}")).to_string()
    }
}
