//! [`Zendesk`]: the host that requests are sent to.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

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
        let (base, host, is_plain) = checked(&base)?;
        let mut tls = TlsConfig::builder();
        if let Some(file) = &args.ca_file {
            tls = tls.root_certs(certificates(file)?);
        }
        let mut config = Agent::config_builder()
            .tls_config(tls.build())
            .https_only(!is_plain)
            .http_status_as_error(false)
            // Never send the credentials to another host.
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

fn is_final(error: &ureq::Error) -> bool {
    match error {
        // An untrusted certificate, or no TLS.
        ureq::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::TlsRequired => true,
        ureq::Error::InvalidProxyUrl => true,
        _ => false,
    }
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

/// Checks a base URL. Returns it without a trailing slash, its host, and whether it is plain HTTP,
/// which is allowed for this machine only.
fn checked(base: &str) -> Result<(String, String, bool), Failure> {
    let wrong = |why: &str| Failure::WrongUse(format!("--base-url {why}"));
    let uri: Uri = base.parse().map_err(|_| wrong("is not a URL"))?;
    let authority = uri.authority().ok_or_else(|| wrong("has no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("contains credentials: set them in the environment instead"));
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(wrong("has a path or query: give only scheme, host and port"));
    }
    let is_plain = match uri.scheme_str() {
        Some("https") => false,
        Some("http") if is_loopback(authority.host()) => true,
        _ => return Err(wrong("must begin with https://, unless the host is this machine")),
    };
    Ok((base.trim_end_matches('/').to_owned(), authority.to_string(), is_plain))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Reads the certificates of a PEM file.
fn certificates(file: &Path) -> Result<RootCerts, Failure> {
    let name = file.display();
    let pem = fs::read(file).map_err(|e| Failure::WrongUse(format!("cannot read {name}: {e}")))?;
    let certificates = parse_pem(&pem).map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Ok(Some(certificate)),
        Ok(_) => Ok(None),
        Err(_) => Err(Failure::WrongUse(format!("{name} is not a PEM file"))),
    });
    let certificates: Vec<Certificate<'static>> =
        certificates.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    match certificates.is_empty() {
        true => Err(Failure::WrongUse(format!("{name} contains no certificate"))),
        false => Ok(RootCerts::new_with_certs(&certificates)),
    }
}
