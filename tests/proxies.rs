//! The choice of a proxy against what httpx 0.28.1 chose for the same environments (`vectors/proxies.jsonl`).

use catseye::domain::endpoint::Endpoint;
use catseye::domain::proxy::{self, Proxy, ProxyEnvironment};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    environment: Vec<(String, String)>,
    urls: Vec<String>,
    proxies: Vec<Option<String>>,
}

/// A proxy in the way the vectors write it.
fn written(proxy: &Proxy) -> String {
    use base64::Engine;
    let authorization = proxy.credentials.as_ref().map(|(user, password)| {
        let pair = format!("{}:{}", user.expose(), password.expose());
        format!(
            " Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        )
    });
    proxy.origin() + &authorization.unwrap_or_default()
}

fn environment(variables: &[(String, String)]) -> ProxyEnvironment {
    ProxyEnvironment::from_variables(
        variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
}

#[test]
fn chooses_as_httpx_does() {
    for line in include_str!("vectors/proxies.jsonl").lines() {
        let vector: Vector = serde_json::from_str(line).unwrap();
        let environment = environment(&vector.environment);
        for (url, expected) in vector.urls.iter().zip(&vector.proxies) {
            let endpoint = Endpoint::new(url).unwrap();
            let chosen = match proxy::choose(&environment, &endpoint) {
                Ok(chosen) => chosen.map(|(_, proxy)| written(&proxy)),
                Err(_) => Some("error".to_owned()),
            };
            assert_eq!(&chosen, expected, "{url} with {:?}", vector.environment);
        }
    }
}

#[test]
fn goes_direct_to_this_machine_whatever_the_environment_says() {
    let environment = environment(&[("ALL_PROXY".to_owned(), "http://p:1".to_owned())]);
    for url in ["http://127.0.0.1:9", "https://localhost", "http://[::1]"] {
        assert_eq!(
            proxy::choose(&environment, &Endpoint::new(url).unwrap()),
            Ok(None)
        );
    }
}

#[test]
fn refuses_socks_without_repeating_the_value() {
    let environment = environment(&[("all_proxy".to_owned(), "socks5://user:hidden@p:1".to_owned())]);
    let refused = proxy::choose(&environment, &Endpoint::new("http://h.example").unwrap()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "all_proxy cannot be used: SOCKS proxies are not supported"
    );
    assert!(!format!("{refused:?} {environment:?}").contains("hidden"));
}
