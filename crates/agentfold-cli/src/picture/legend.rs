//! The legend, and [`Shown`], the things that it explains.

use std::collections::BTreeSet;

use agentfold::history::Basis;

use super::escaped::{Escaped, fitted, width};
use super::rows::Rows;
use super::{MARGIN, Page, WIDTH};

/// The things that a picture shows and the legend explains.
#[derive(Default)]
pub(super) struct Shown<'a> {
    pub(super) states: BTreeSet<&'a str>,
    pub(super) is_inferred: bool,
    pub(super) is_disputed: bool,
    pub(super) is_unknown: bool,
    pub(super) has_no_access: bool,
    pub(super) has_load: bool,
    pub(super) has_capacity: bool,
}

impl<'a> Shown<'a> {
    pub(super) fn in_rows(agents: &'a [Rows]) -> Shown<'a> {
        let mut shown = Shown::default();
        for row in agents.iter().flat_map(|agent| &agent.rows) {
            for stretch in &row.states {
                shown.states.extend(stretch.value.as_ref().map(|state| state.name.as_str()));
                shown.is_unknown |= stretch.value.is_none();
                shown.is_inferred |= stretch.basis == Basis::Inferred;
                shown.is_disputed |= stretch.basis == Basis::Disputed;
            }
            shown.has_no_access |= !row.no_access.is_empty();
            shown.has_capacity |= !row.capacity.is_empty();
            for stretch in row.load.iter().flatten() {
                shown.has_load = true;
                shown.is_disputed |= stretch.basis == Basis::Disputed;
            }
        }
        shown
    }
}

impl Page<'_> {
    /// Draws the legend, and returns its bottom.
    pub(super) fn legend(&mut self, shown: &Shown<'_>, top: f64) -> f64 {
        let (mut x, mut y) = (MARGIN, top);
        let states = self.palette.shown.len();
        for i in 0..states {
            let name = fitted(self.palette.shown[i], 11.0, 220.0);
            let x = self.place(&mut x, &mut y, &name);
            self.out +=
                &format!("<rect class=\"s{i}\" x=\"{x}\" y=\"{y}\" width=\"22\" height=\"12\"/>\n");
        }
        if states > 0 {
            (x, y) = (MARGIN, y + 20.0);
        }
        let signs = [
            (shown.is_inferred, "inferred from the next event", "inferred"),
            (shown.is_disputed, "disputed: an event is missing", "disputed"),
        ];
        for (_, text, pattern) in signs.into_iter().filter(|(is_shown, ..)| *is_shown) {
            let x = self.place(&mut x, &mut y, text);
            self.out += &format!(
                "<rect fill=\"#6b7580\" x=\"{x}\" y=\"{y}\" width=\"22\" height=\"12\"/>\
                 <rect fill=\"url(#{pattern})\" x=\"{x}\" y=\"{y}\" width=\"22\" height=\"12\"/>\n"
            );
        }
        if shown.is_unknown {
            let x = self.place(&mut x, &mut y, "unknown");
            let (x, y) = (x + 0.5, y + 0.5);
            self.out += &format!(
                "<rect class=\"unknown\" x=\"{x}\" y=\"{y}\" width=\"21\" height=\"11\"/>\n"
            );
        }
        for (is_shown, text, class) in [
            (shown.has_no_access, "no access to the channel", "none"),
            (shown.has_load, "open items (scale at the left)", "line"),
            (shown.has_capacity, "capacity", "cap"),
        ] {
            if is_shown {
                let x = self.place(&mut x, &mut y, text);
                let y = y + 6.0;
                self.out += &format!("<path class=\"{class}\" d=\"M{x} {y}h22\"/>\n");
            }
        }
        y + 20.0
    }

    /// Writes a name of the legend at the next free place, and returns where its symbol belongs.
    fn place(&mut self, x: &mut f64, y: &mut f64, text: &str) -> f64 {
        let needed = 22.0 + 6.0 + width(text, 11.0) + 18.0;
        if *x > MARGIN && *x + needed > WIDTH - MARGIN {
            (*x, *y) = (MARGIN, *y + 20.0);
        }
        let (sign, text_x, text_y) = (*x, *x + 28.0, *y + 10.0);
        self.out += &format!("<text x=\"{text_x:.1}\" y=\"{text_y}\">{}</text>", Escaped(text));
        *x = (*x + needed).round();
        sign
    }
}
