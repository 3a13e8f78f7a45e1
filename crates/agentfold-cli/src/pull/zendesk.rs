//! [`Zendesk`]: the host that requests are sent to.

use std::io::Read;
use std::time::Duration;

use ureq::Agent;

use super::args::PullArgs;
use super::credentials::Credentials;
use crate::client::{checked, client, is_final};
use crate::failure::Failure;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(15);

/// How long a request may take in all.
const REQUEST: Duration = Duration::from_secs(120);

/// A host, and what is needed to send requests to it.
pub(crate) struct Zendesk {
    agent: Agent,
    credentials: Credentials,
    base: String,
    /// With its port, if it is not the default one.
    pub(crate) host: String,
}

/// A reply.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Zendesk {
    pub(crate) fn new(args: &PullArgs) -> Result<Zendesk, Failure> {
        let base = match (&args.base_url, &args.subdomain) {
            (Some(url), _) => url.clone(),
            (None, Some(subdomain)) => of_subdomain(subdomain)?,
            (None, None) => return Err(Failure::WrongUse("give --subdomain".to_owned())),
        };
        let (uri, is_plain) = checked("--base-url", &base)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            let message = "--base-url has a path or query: give only scheme, host and port";
            return Err(Failure::WrongUse(message.to_owned()));
        }
        let host = uri.authority().map(ToString::to_string).unwrap_or_default();
        let base = base.trim_end_matches('/').to_owned();
        let config = client(args.ca_file.as_deref(), is_plain)?
            .accept("application/json")
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(REQUEST));
        let credentials = Credentials::from_env()?;
        Ok(Zendesk { agent: config.build().new_agent(), credentials, base, host })
    }

    /// Sends a request and reads the reply, but not much more of its body than it may have.
    pub(crate) fn send(&self, path: &str, query: &str, max_bytes: usize) -> Result<Got, Lost> {
        let url = format!("{}{path}?{query}", self.base);
        let call = self.agent.get(url).header("authorization", self.credentials.header());
        let lost = |error| Lost { is_final: is_final(&error), why: error.to_string() };
        let mut response = call.call().map_err(lost)?;
        let headers = response.headers().iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        let headers = headers.collect();
        let status = response.status().as_u16();
        // The reader unpacks, so this counts unpacked bytes.
        let reader = response.body_mut().with_config().limit(u64::MAX).reader();
        let (mut body, most) = (Vec::new(), max_bytes as u64 + 1);
        let read = reader.take(most).read_to_end(&mut body);
        read.map_err(|error| Lost { is_final: false, why: error.to_string() })?;
        Ok(Got { status, headers, body })
    }
}

/// Why no whole reply came.
pub(crate) struct Lost {
    pub(crate) why: String,
    /// Whether a retry cannot help.
    pub(crate) is_final: bool,
}

fn of_subdomain(subdomain: &str) -> Result<String, Failure> {
    let is_label = !subdomain.is_empty()
        && subdomain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_label {
        true => Ok(format!("https://{subdomain}.zendesk.com")),
        false => Err(Failure::WrongUse(format!(
            "`{subdomain}` is not a subdomain: for acme.zendesk.com, give `acme`"
        ))),
    }
}
