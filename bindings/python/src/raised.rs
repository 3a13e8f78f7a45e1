//! [`Raised`]: the errors that are raised, mostly Python's `AgentfoldError`.

use std::io;

use agentfold::border::Failure;
use agentfold::export::Refusal;
use agentfold::webhook::{Flaw, Refused};
use agentfold::{Error, Issues};
use agentfold_arrow::Misshapen;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use crate::data::data;

/// An error to raise in Python.
pub(crate) struct Raised(PyErr);

impl Raised {
    pub(crate) fn new(code: &'static str, path: &str, message: &str) -> Raised {
        Failure::new(code, path.to_owned(), message.to_owned()).into()
    }

    /// Returns the error for an argument of the wrong type.
    pub(crate) fn argument(name: &str) -> Raised {
        Failure::argument(name).into()
    }

    /// Returns the error for a file that can't be opened or read.
    pub(crate) fn file(error: &io::Error, path: &std::path::Path) -> Raised {
        let (number, text) = (error.raw_os_error(), error.to_string());
        Raised(PyOSError::new_err((number, text, path.to_owned())))
    }
}

impl From<Raised> for PyErr {
    fn from(raised: Raised) -> PyErr {
        raised.0
    }
}

impl From<PyErr> for Raised {
    fn from(error: PyErr) -> Raised {
        Raised(error)
    }
}

impl From<io::Error> for Raised {
    fn from(error: io::Error) -> Raised {
        Raised(error.into())
    }
}

impl From<Misshapen> for Raised {
    fn from(error: Misshapen) -> Raised {
        io::Error::other(error).into()
    }
}

impl From<Failure> for Raised {
    fn from(failure: Failure) -> Raised {
        static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        Python::attach(|py| {
            let built = CLASS.import(py, "agentfold.error", "AgentfoldError").and_then(|class| {
                // The names of its fields are the keywords of the class.
                let more = data(py, failure.more())?.cast_into::<PyDict>()?;
                class.call((failure.code(), failure.path(), failure.message()), Some(&more))
            });
            Raised(built.map_or_else(|failed| failed, PyErr::from_value))
        })
    }
}

macro_rules! raised {
    ($($error:ty),+) => {$(
        impl From<$error> for Raised {
            fn from(error: $error) -> Raised {
                Failure::from(error).into()
            }
        }
    )+};
}

raised!(Error, Issues, Flaw, Refused, Refusal);
