//! A TLS server for `localhost`, with a certificate made for these tests alone (its authority's key was thrown away).

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::fault_server::Exchange;

/// The authority behind the certificate.
#[cfg(target_os = "linux")]
pub const CERTIFICATE_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/certificate/ca.pem");

/// Reads one request through TLS and answers it; a client that breaks off is left alone.
pub fn serve(exchange: &mut Exchange, answer: &[u8]) {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("certificate/localhost.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("certificate/localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let connection = ServerConnection::new(Arc::new(config)).unwrap();
    let mut stream = StreamOwned::new(connection, exchange.stream.try_clone().unwrap());
    let mut byte = [0];
    while !exchange.seen.head.ends_with("\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return;
        }
        exchange.seen.head.push(char::from(byte[0]));
    }
    exchange.seen.body = vec![0; exchange.seen.content_length()];
    stream.read_exact(&mut exchange.seen.body).unwrap();
    stream.write_all(answer).unwrap();
}
