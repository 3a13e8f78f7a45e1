//! [`Zendesk`]: the host that is asked.

use std::fs;
use std::path::Path;
use std::time::Duration;

use agentfold::export::Request;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::args::PullArgs;
use super::credentials::Credentials;
use crate::failure::Failure;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(15);

/// How long a request may take in all.
const REQUEST: Duration = Duration::from_secs(120);

/// The most bytes that a page may have: a hundred times what a thousand events take.
const PAGE: u64 = 64 << 20;

/// A host of Zendesk's, with what it takes to ask it.
pub(crate) struct Zendesk {
    agent: Agent,
    credentials: Credentials,
    base: String,
    /// With its port, if it is not the usual one.
    pub(crate) host: String,
}

/// What came back.
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
        let (base, host, is_plain) = checked(&base)?;
        let mut tls = TlsConfig::builder();
        if let Some(file) = &args.ca_file {
            tls = tls.root_certs(certificates(file)?);
        }
        let mut config = Agent::config_builder()
            .tls_config(tls.build())
            .https_only(!is_plain)
            .http_status_as_error(false)
            // Credentials go nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("agentfold/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(REQUEST));
        if is_plain {
            config = config.proxy(None);
        }
        let credentials = Credentials::from_env()?;
        Ok(Zendesk { agent: config.build().new_agent(), credentials, base, host })
    }

    /// Sends a request, and reads all of what comes back.
    pub(crate) fn send(&self, request: &Request) -> Result<Got, ureq::Error> {
        let url = format!("{}{}?{}", self.base, request.path, request.query);
        let call = self.agent.get(url).header("authorization", self.credentials.header());
        let mut response = call.call()?;
        let headers = response.headers().iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        let headers = headers.collect();
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(PAGE).read_to_vec()?;
        Ok(Got { status, headers, body })
    }
}

/// Whether to ask again would not help.
pub(crate) fn is_final(error: &ureq::Error) -> bool {
    match error {
        // A certificate that is not to be trusted, or no TLS at all.
        ureq::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::TlsRequired => true,
        ureq::Error::InvalidProxyUrl | ureq::Error::BodyExceedsLimit(_) => true,
        _ => false,
    }
}

fn of_subdomain(subdomain: &str) -> Result<String, Failure> {
    let is_label = !subdomain.is_empty()
        && subdomain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_label {
        true => Ok(format!("https://{subdomain}.zendesk.com")),
        false => Err(Failure::WrongUse(format!(
            "`{subdomain}` is no subdomain: of acme.zendesk.com, give `acme`"
        ))),
    }
}

/// A base without a slash at its end, its host, and whether it is without TLS: on this machine only.
fn checked(base: &str) -> Result<(String, String, bool), Failure> {
    let wrong = |why: &str| Failure::WrongUse(format!("--base-url {why}"));
    let uri: Uri = base.parse().map_err(|_| wrong("is no URL"))?;
    let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("holds credentials: they belong into the environment"));
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(wrong("has a path or query: give scheme, host and port only"));
    }
    let is_plain = match uri.scheme_str() {
        Some("https") => false,
        Some("http") if is_loopback(authority.host()) => true,
        _ => return Err(wrong("must begin with https://, unless it is on this machine")),
    };
    Ok((base.trim_end_matches('/').to_owned(), authority.to_string(), is_plain))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// The certificates of a PEM file.
fn certificates(file: &Path) -> Result<RootCerts, Failure> {
    let name = file.display();
    let pem = fs::read(file).map_err(|e| Failure::WrongUse(format!("can't read {name}: {e}")))?;
    let certificates = parse_pem(&pem).map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Ok(Some(certificate)),
        Ok(_) => Ok(None),
        Err(_) => Err(Failure::WrongUse(format!("{name} is no PEM file"))),
    });
    let certificates: Vec<Certificate<'static>> =
        certificates.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    match certificates.is_empty() {
        true => Err(Failure::WrongUse(format!("{name} holds no certificate"))),
        false => Ok(RootCerts::new_with_certs(&certificates)),
    }
}
