//! The border to other languages: arguments in, failures and columns out.
//!
//! The JavaScript and Python bindings use this module, so that both check arguments alike and fail with
//! the same code, path and message. A Rust program does not need it.
//!
//! An [`Argument`] is plain data of the host language, read as a type of this crate. Unknown keys,
//! missing keys and values of the wrong type are refused and named. Every error of this crate becomes a
//! [`Failure`].

mod argument;
mod buckets;
mod cell;
mod columns;
mod failure;
mod given;
mod reader;
mod window;

pub use argument::{Argument, chats, id, instant, read, seconds};
pub use buckets::BucketsData;
pub use cell::unevaluated;
pub use columns::{Column, Columns, Fields, Words};
pub use failure::{Failure, More};
pub use window::WindowData;
