//! HTTP clients: over TLS, or without it to this machine alone.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::typestate::AgentScope;

use crate::failure::Failure;

/// A client that follows no redirect, since another host must not get what is sent, and to which no status is an
/// error. If it is plain, it speaks HTTP without TLS.
pub(crate) fn client(
    ca_file: Option<&Path>,
    is_plain: bool,
) -> Result<ConfigBuilder<AgentScope>, Failure> {
    let mut tls = TlsConfig::builder();
    if let Some(file) = ca_file {
        tls = tls.root_certs(certificates(file)?);
    }
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .https_only(!is_plain)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("agentfold/", env!("CARGO_PKG_VERSION")));
    Ok(if is_plain { config.proxy(None) } else { config })
}

/// Checks the URL of an option. Returns it with whether it is plain HTTP, which is allowed to this machine only.
pub(crate) fn checked(option: &str, url: &str) -> Result<(Uri, bool), Failure> {
    let wrong = |why: &str| Failure::WrongUse(format!("{option} {why}"));
    let uri: Uri = url.parse().map_err(|_| wrong("is not a URL"))?;
    let authority = uri.authority().ok_or_else(|| wrong("has no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("contains credentials: set them in the environment instead"));
    }
    match uri.scheme_str() {
        Some("https") => Ok((uri, false)),
        Some("http") if is_loopback(authority.host()) => Ok((uri, true)),
        _ => Err(wrong("must begin with https://, unless the host is this machine")),
    }
}

/// Whether a retry cannot help against a failure.
pub(crate) fn is_final(error: &ureq::Error) -> bool {
    match error {
        // An untrusted certificate, or no TLS.
        ureq::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::TlsRequired => true,
        ureq::Error::InvalidProxyUrl => true,
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
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
