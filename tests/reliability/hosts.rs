//! S7: the token reaches the origin that it is for, and no other. Loopback servers on several addresses write down
//! every header that comes.

use std::net::SocketAddr;
use std::process::Output;
use std::sync::{Arc, Mutex};

use super::dice::figure;
use super::stage::{Parts, World};
use super::support::fault_server::Server;

const TOKEN: &str = "canary-host-0123456789";

/// What came, by server.
type Ledger = Arc<Mutex<Vec<(SocketAddr, String)>>>;

/// Listens and answers every request so, until the test's process ends.
fn listen(address: &str, answer: String, ledger: &Ledger) -> SocketAddr {
    let ledger = Arc::clone(ledger);
    let server = Server::on(address, move |exchange, _| {
        let local = exchange.stream.local_addr().unwrap();
        // The token is in the head: it counts, whatever becomes of the body.
        exchange.read_head();
        let head = exchange.seen.head.clone();
        ledger.lock().unwrap().push((local, head));
        exchange.read_body(exchange.seen.content_length());
        exchange.write(&answer);
    });
    server.address
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

struct Net {
    world: World,
    ledger: Ledger,
    /// Nobody may bring the token here.
    others: Vec<SocketAddr>,
    scenarios: usize,
}

impl Net {
    fn publish(&self, url: &str, variables: &[(&str, &str)], allow: &[&str]) -> Output {
        self.ledger.lock().unwrap().clear();
        let mut arguments = vec!["publish", "--yes", "--timeout-seconds", "3", "--server-url", url];
        arguments.extend(allow);
        let mut command = self.world.command(&arguments);
        command
            .env("SAAS_AUTH_TOKEN", TOKEN)
            .envs(variables.iter().copied());
        command.output().unwrap()
    }

    /// Publishes; who got the token must be these, and nobody saw it in what is printed.
    fn hold(
        &mut self,
        url: &str,
        variables: &[(&str, &str)],
        allow: &[&str],
        may_get: &[SocketAddr],
    ) -> Output {
        let output = self.publish(url, variables, allow);
        self.scenarios += 1;
        let ledger = self.ledger.lock().unwrap();
        for (address, request) in ledger.iter() {
            let has = request.contains(TOKEN);
            assert!(
                !has || may_get.contains(address),
                "{url:?} brought the token to {address}: {request}"
            );
            assert!(
                !request.starts_with("CONNECT") || !has,
                "{url:?}: a tunnel was asked for with the token"
            );
        }
        let posts = ledger
            .iter()
            .filter(|(_, request)| request.starts_with("POST"))
            .count();
        assert!(posts <= 1, "{url:?}: {posts} requests");
        for bytes in [&output.stdout, &output.stderr] {
            assert!(
                !String::from_utf8_lossy(bytes).contains(TOKEN),
                "{url:?} tells the token"
            );
        }
        output
    }
}

#[test]
fn s7_the_token_goes_to_its_origin_alone() {
    let ledger = Ledger::default();
    let others: Vec<SocketAddr> = ["127.0.0.1:0", "127.0.0.2:0", "127.0.0.3:0"]
        .iter()
        .map(|address| listen(address, OK.to_owned(), &ledger))
        .collect();
    let mut net = Net {
        world: World::new(&Parts::default()),
        ledger: Arc::clone(&ledger),
        others,
        scenarios: 0,
    };
    redirects(&mut net);
    odd_urls(&mut net);
    proxies(&mut net);
    assert!(net.scenarios >= 60, "{}", net.scenarios);
    figure(
        "S7",
        format!(
            "0 tokens to another origin in {} scenarios; http only with consent",
            net.scenarios
        ),
    );
}

/// No redirect is followed, wherever it leads.
fn redirects(net: &mut Net) {
    let other = net.others.clone();
    for code in [301, 302, 303, 307, 308] {
        for location in [
            format!("http://{}/x", other[0]),
            format!("http://{}/x", other[1]),
            format!("//{}/x", other[2]),
            format!("http://user:pw@{}/x", other[0]),
            format!("https://{}/x", other[1]),
            "/elsewhere".to_owned(),
            format!("http://{}\\@{}/", other[0], other[1]),
        ] {
            let answer = format!(
                "HTTP/1.1 {code} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let first = listen("127.0.0.1:0", answer, &net.ledger);
            let output = net.hold(&format!("http://{first}"), &[], &[], &[first]);
            assert_eq!(output.status.code(), Some(4), "{code} {location}: {output:?}");
            let ledger = net.ledger.lock().unwrap();
            assert!(
                ledger.iter().all(|(address, _)| *address == first),
                "{code} {location} was followed"
            );
            assert_eq!(ledger.len(), 1);
        }
    }
}

/// A URL that seems to lead to one host leads there or nowhere.
fn odd_urls(net: &mut Net) {
    let (a, b) = (net.others[0], net.others[1]);
    for url in [
        format!("http://{a}@{b}"),
        format!("http://user:pw@{a}"),
        format!("http://{a}#@{b}"),
        format!("http://{a}?@{b}"),
        format!("http://{a}\\@{b}"),
        format!("http://{a}%40{b}"),
        format!("http://{a}\r\nHost: {b}"),
        format!("http://{a}\r\nAuthorization: x"),
        format!("http://{a}\t@{b}"),
        format!("http:// {a}"),
        format!("http://localhost%00.example:{}", a.port()),
        format!("http://ⓛocalhost:{}", a.port()),
        format!("http://127.0.0.1。example:{}", a.port()),
        format!("http://lоcalhost:{}", a.port()),
        format!("file://{a}"),
        format!("ftp://{a}"),
        format!("{a}"),
        format!("//{a}"),
        format!("http:{a}"),
        format!("http://:{}", a.port()),
        "http://".to_owned(),
        format!("http://{a}:99999"),
        format!("http://[::1]{a}"),
        "http://[::1".to_owned(),
    ] {
        let output = net.hold(&url, &[], &[], &[]);
        assert_eq!(output.status.code(), Some(3), "{url:?}: {output:?}");
        assert!(net.ledger.lock().unwrap().is_empty(), "{url:?} reached somebody");
    }
    // Other ways to write loopback: the one that is meant, or nobody.
    for (host, _) in [
        ("localhost", 1),
        ("LOCALHOST", 1),
        ("localhost.", 1),
        ("127.1", 1),
        ("2130706433", 1),
        ("0x7f.1", 1),
    ] {
        net.hold(&format!("http://{host}:{}", a.port()), &[], &[], &[a]);
    }
}

/// Plain http to another machine, straight or through a proxy, needs consent; https shows a proxy nothing.
fn proxies(net: &mut Net) {
    let proxy = listen("127.0.0.4:0", OK.to_owned(), &net.ledger);
    let url = format!("http://{proxy}");
    let through = url.as_str();
    let consent = ["--allow", "insecure-transport"];
    for variables in [
        vec![("HTTP_PROXY", through)],
        vec![("http_proxy", through)],
        vec![("ALL_PROXY", through)],
    ] {
        let output = net.hold("http://h.example", &variables, &[], &[]);
        assert_eq!(output.status.code(), Some(3), "{variables:?}: {output:?}");
        assert!(
            net.ledger.lock().unwrap().is_empty(),
            "{variables:?}: sent without consent"
        );
        let output = net.hold("http://h.example", &variables, &consent, &[proxy]);
        assert_eq!(output.status.code(), Some(0), "{variables:?}: {output:?}");
    }
    for variables in [vec![("HTTPS_PROXY", through)], vec![("ALL_PROXY", through)]] {
        // The proxy is asked for a tunnel, without the token; it does not make one.
        let output = net.hold("https://h.example", &variables, &consent, &[]);
        assert_ne!(output.status.code(), Some(0), "{output:?}");
    }
    // Without a proxy nothing leaves for another host before there is consent.
    for host in [
        "192.0.2.1",
        "127.0.0.1.example",
        "localhost.example",
        "[2001:db8::1]",
        "0.0.0.0.example",
    ] {
        let output = net.hold(&format!("http://{host}"), &[], &[], &[]);
        assert_eq!(output.status.code(), Some(3), "{host}: {output:?}");
    }
    // Loopback goes direct whatever the proxies say.
    let a = net.others[0];
    net.hold(
        &format!("http://{a}"),
        &[("HTTP_PROXY", through), ("ALL_PROXY", through)],
        &[],
        &[a],
    );
    let with_password = format!("http://user:canary-proxy-0123456789@{proxy}");
    let output = net.hold(
        "http://h.example",
        &[("HTTP_PROXY", &with_password)],
        &consent,
        &[proxy],
    );
    let told = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&told).contains("canary-proxy"));
}
