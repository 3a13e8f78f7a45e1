//! [`Basis`]: how certain an interval's value is.

use crate::word::words;

/// How certain an interval's value is, from best to worst
/// ([the contract](crate::contract::fold#history)).
// Exhaustive on purpose: the contract names these five, and columns are made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Basis {
    /// The transition that ends it states this value as the previous one.
    Observed,
    /// Nothing confirms it and nothing contradicts it.
    Assumed,
    /// It precedes the first transition, which states it as the previous value.
    Inferred,
    /// The transition that ends it states a different previous value: something in between was missed.
    Disputed,
    /// Nothing is known.
    Unknown,
}

impl Basis {
    /// All of them, from best to worst.
    pub const ALL: [Basis; 5] =
        [Basis::Observed, Basis::Assumed, Basis::Inferred, Basis::Disputed, Basis::Unknown];
}

words!(impl Basis {
    Observed = "observed",
    Assumed = "assumed",
    Inferred = "inferred",
    Disputed = "disputed",
    Unknown = "unknown",
});
