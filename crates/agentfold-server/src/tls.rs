//! [`Tls`]: the certificate and its key, read again when they change.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsFiles;
use crate::watch::Watch;

/// What connections are encrypted with.
#[derive(Debug)]
pub(crate) struct Tls {
    files: TlsFiles,
    watch: Watch,
    current: RustlsConfig,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not have what it should.
    #[error("{}: {message}", .file.display())]
    Content {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        message: String,
    },
}

impl Tls {
    pub(crate) fn load(files: TlsFiles) -> Result<Tls, TlsError> {
        // Before they are read, so that a change in between is noticed later.
        let watch = Watch::new(vec![files.certificate.clone(), files.key.clone()]);
        let current = RustlsConfig::from_config(Arc::new(load(&files)?));
        Ok(Tls { files, watch, current })
    }

    /// What new connections are encrypted with. It follows the files.
    pub(crate) fn current(&self) -> RustlsConfig {
        self.current.clone()
    }

    /// Reads the files again if they changed, and returns whether. After an error, which is returned once for a
    /// change, new connections are encrypted as before: the files may be replaced one after the other.
    pub(crate) fn renew(&mut self) -> Result<bool, TlsError> {
        if !self.watch.has_changed() {
            return Ok(false);
        }
        self.current.reload_from_config(Arc::new(load(&self.files)?));
        Ok(true)
    }
}

fn load(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let read = |file: &PathBuf| {
        fs::read(file).map_err(|source| TlsError::Io { file: file.clone(), source })
    };
    let wrong = |file: &PathBuf, message: String| TlsError::Content { file: file.clone(), message };
    let TlsFiles { certificate, key } = files;
    let (chain_pem, key_pem) = (read(certificate)?, read(key)?);
    let chain = CertificateDer::pem_slice_iter(&chain_pem).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| wrong(certificate, "the PEM is damaged".to_owned()))?;
    if chain.is_empty() {
        let message = "has no certificate as PEM (BEGIN CERTIFICATE)";
        return Err(wrong(certificate, message.to_owned()));
    }
    let private = PrivateKeyDer::from_pem_slice(&key_pem).map_err(|_| {
        let is_encrypted = key_pem.windows(9).any(|part| part == b"ENCRYPTED");
        let message = match is_encrypted {
            true => "the private key is encrypted: decrypt it with `openssl pkey`",
            false => "has no private key as PEM (BEGIN PRIVATE KEY)",
        };
        wrong(key, message.to_owned())
    })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("INVARIANT: ring has the ciphers of TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                let message =
                    format!("is not the key of the certificate in {}", certificate.display());
                wrong(key, message)
            }
            other => wrong(certificate, format!("cannot be used: {other}")),
        })?;
    // A WebSocket needs HTTP/1.1, and nothing else here gains by HTTP/2.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    fn pair() -> (String, String) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("it can be signed");
        (cert.pem(), signing_key.serialize_pem())
    }

    fn files(folder: &Path) -> TlsFiles {
        TlsFiles { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") }
    }

    fn write(files: &TlsFiles, certificate: &str, key: &str) {
        fs::write(&files.certificate, certificate).expect("written");
        fs::write(&files.key, key).expect("written");
    }

    #[test]
    fn a_new_pair_is_used_once_both_files_are_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files(folder.path());
        let ((old, old_key), (new, new_key)) = (pair(), pair());
        write(&files, &old, &old_key);
        let mut tls = Tls::load(files.clone()).expect("good");
        let current = tls.current();
        let first = current.get_inner();
        assert!(!tls.renew().expect("nothing to do"));
        write(&files, &new, &old_key);
        assert!(tls.renew().is_err());
        assert!(!tls.renew().expect("the error is not repeated"));
        assert!(Arc::ptr_eq(&first, &current.get_inner()));
        write(&files, &new, &new_key);
        assert!(tls.renew().expect("good"));
        assert!(!Arc::ptr_eq(&first, &current.get_inner()));
    }

    #[test]
    fn the_error_names_the_file_and_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = files(folder.path());
        let (certificate, key) = pair();
        let (_, other_key) = pair();
        let damaged = certificate.replacen('M', "?", 1);
        let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
        for (certificate, key, told) in [
            ("", &*key, "certificate.pem: has no certificate"),
            (&*key, &*key, "certificate.pem: has no certificate"),
            (&*damaged, &*key, "certificate.pem: the PEM is damaged"),
            (&*certificate, &*certificate, "key.pem: has no private key"),
            (&*certificate, &*encrypted, "key.pem: the private key is encrypted"),
            (&*certificate, &*other_key, "key.pem: is not the key of the certificate"),
        ] {
            write(&files, certificate, key);
            let error = Tls::load(files.clone()).expect_err("bad").to_string();
            assert!(error.contains(told), "{error}, not {told}");
        }
        fs::remove_file(&files.key).expect("removed");
        let error = Tls::load(files).expect_err("bad").to_string();
        assert!(error.starts_with("cannot read") && error.contains("key.pem"), "{error}");
    }
}
