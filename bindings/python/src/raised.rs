//! [`Raised`]: what is raised, mostly Python's `AgentfoldError`.

use std::io;

use agentfold::export::Refusal;
use agentfold::webhook::{Flaw, Handled, Refused};
use agentfold::{Error, Issue, Issues};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::column::Misshapen;
use crate::data::data;

/// An error on its way to Python.
pub(crate) struct Raised(PyErr);

/// What an `AgentfoldError` has beside its code, path and message.
#[derive(Default)]
struct More<'a> {
    issues: &'a [Issue],
    handled: Option<&'static str>,
    status: Option<u16>,
}

impl Raised {
    pub(crate) fn new(code: &str, path: &str, message: &str) -> Raised {
        Raised::with(code, path, message, &More::default())
    }

    /// An argument that is not what its type says. Of its value nothing is told.
    pub(crate) fn argument(name: &str) -> Raised {
        let message = format!("`{name}` is not what its type says");
        Raised::new("bad_argument", &format!("/{name}"), &message)
    }

    /// A file that can't be opened or read.
    pub(crate) fn file(error: &io::Error, path: &std::path::Path) -> Raised {
        let (number, text) = (error.raw_os_error(), error.to_string());
        Raised(PyOSError::new_err((number, text, path.to_owned())))
    }

    fn with(code: &str, path: &str, message: &str, more: &More<'_>) -> Raised {
        static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        Python::attach(|py| {
            let error = CLASS.import(py, "agentfold.error", "AgentfoldError").and_then(|class| {
                let issues = data(py, more.issues)?;
                class.call1((code, path, message, issues, more.handled, more.status))
            });
            Raised(error.map_or_else(|failed| failed, PyErr::from_value))
        })
    }

    /// The first issue, with all of them.
    fn issues(issues: &Issues, handled: Option<&'static str>) -> Raised {
        let first = issues.first();
        let more = More { issues, handled, status: None };
        Raised::with(first.code.as_str(), &first.path, &first.message, &more)
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

impl From<Error> for Raised {
    fn from(error: Error) -> Raised {
        Raised::new(error.code(), "", &error.to_string())
    }
}

impl From<Issues> for Raised {
    fn from(issues: Issues) -> Raised {
        Raised::issues(&issues, None)
    }
}

impl From<Flaw> for Raised {
    fn from(flaw: Flaw) -> Raised {
        let handled = Some(Handled::from(&flaw).as_str());
        let more = More { handled, ..More::default() };
        Raised::with(flaw.code.as_str(), flaw.path, &flaw.message, &more)
    }
}

impl From<Refused> for Raised {
    fn from(refused: Refused) -> Raised {
        let handled = Handled::from(&refused).as_str();
        match refused {
            Refused::Untrusted(flaw) => flaw.into(),
            Refused::NoEvent(issues) => Raised::issues(&issues, Some(handled)),
        }
    }
}

impl From<Refusal> for Raised {
    fn from(refusal: Refusal) -> Raised {
        let more = More { status: Some(refusal.status), ..More::default() };
        Raised::with(refusal.code.as_str(), refusal.path, refusal.message, &more)
    }
}
