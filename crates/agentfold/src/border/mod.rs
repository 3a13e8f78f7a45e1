//! The border to other languages: arguments in, failures out.
//!
//! The bindings for JavaScript and Python are built on this module, so that both check arguments alike
//! and fail with the same code, path and message. A Rust program does not need it.
//!
//! An [`Argument`] is plain data of the host language, read as a type of this crate. A key that the
//! type does not have, a value of another type and a missing key are refused and named. Whatever this
//! crate refuses becomes a [`Failure`].

mod argument;
mod buckets;
mod failure;
mod given;
mod reader;

pub use argument::{Argument, chats, id, instant, read, seconds};
pub use buckets::BucketsData;
pub use failure::{Failure, More};
