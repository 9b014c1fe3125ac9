//! S5: planted tokens in every place that holds one, and none of them in anything that comes out, in any form.

use std::fs;
use std::io::Read;
use std::process::{Output, Stdio};

use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, Engine as _};
use catseye::tui::frame::text_of;

use super::dice::{Dice, figure, how_many};
use super::stage::{Inspector, Parts, World, bytes_of, payload};
use super::support::fault_server::Server;

/// How planted tokens end: with characters that other forms write otherwise.
const TAILS: [&str; 8] = ["", "/+=", "%20&", "é", "\"q", "'s", ".jwt.part", "~x"];

/// Planted tokens.
fn canaries() -> Vec<String> {
    let mut dice = Dice::of("canaries");
    let token = |at: usize| {
        format!(
            "canary-{at:02}-{:08x}{}",
            dice.next() >> 32,
            TAILS[at % TAILS.len()]
        )
    };
    (0..40).map(token).collect()
}

/// A token in the forms that it may come out in.
fn forms(token: &str) -> Vec<String> {
    let percent: String = token.bytes().fold(String::new(), |text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text + &char::from(byte).to_string()
        } else {
            text + &format!("%{byte:02X}")
        }
    });
    let json = serde_json::to_string(token).unwrap();
    let mut forms = vec![token.to_owned(), percent, json.trim_matches('"').to_owned()];
    for shift in 0..3 {
        let encoded = BASE64_STANDARD_NO_PAD.encode([vec![b'x'; shift], token.as_bytes().to_vec()].concat());
        forms.push(encoded[(shift * 8_usize).div_ceil(6)..encoded.len() - 2].to_owned());
    }
    // A part that identifies the token is as bad; the prefix is ours.
    forms.push(token[7..].chars().take(11).collect());
    forms
}

fn hold(name: &str, bytes: &[u8], canaries: &[String]) {
    let text = String::from_utf8_lossy(bytes);
    let form = canaries
        .iter()
        .flat_map(|token| forms(token))
        .find(|form| text.contains(form.as_str()));
    assert!(form.is_none(), "{name} tells {form:?}:\n{text}");
}

/// Answers every request with all that came, as it is and encoded.
fn echoing() -> Server {
    Server::start(|exchange, _| {
        exchange.read_all();
        let head = &exchange.seen.head;
        let token = exchange.seen.header("authorization").concat();
        let body = format!("{head}\n{}\n{token}", BASE64_STANDARD.encode(head));
        let length = body.len();
        exchange.write(format!(
            "HTTP/1.1 500 Oops\r\nX-Echo: {token}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ));
    })
}

/// Credentials with tokens under known, unknown and misspelled keys, sometimes broken.
fn credentials(dice: &mut Dice, canaries: &[String]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = "[tracker.providers.jira]\nproject_key = \"ACME\"\nemail = \"a@b.example\"\n".to_owned();
    for key in [
        "api_token",
        "token",
        "access_token",
        "pat",
        "x_secret",
        "clientSecret",
        "apiToken",
        "password",
    ] {
        if dice.below(3) > 0 {
            text += &format!("{key} = {}\n", quoted(dice.pick::<String>(canaries)));
        }
    }
    text += &format!(
        "base_url = \"https://bot:{}@acme.example\"\n",
        dice.pick(canaries).replace(['"', '%'], ".")
    );
    text += &format!(
        "list = [{}, {{ deep = {} }}]\n",
        quoted(dice.pick::<String>(canaries)),
        quoted(dice.pick::<String>(canaries))
    );
    text += &format!("[tokens]\nrefresh = {}\n", quoted(dice.pick::<String>(canaries)));
    match dice.below(8) {
        0 => text.truncate(text.floor_char_boundary(dice.below(text.len()))),
        1 => text = text.replacen('"', "", 1 + dice.below(3)),
        2 => text += &format!("# {}\nbroken {}", dice.pick(canaries), dice.pick(canaries)),
        3 => text = text.replace("pat =", "pat = pat ="),
        _ => {}
    }
    text
}

/// A world with tokens in its credentials, and those that come by other ways.
struct Session<'a> {
    world: World,
    canaries: &'a [String],
    token: String,
    set: String,
    odd: String,
    proxy: String,
}

impl<'a> Session<'a> {
    fn new(dice: &mut Dice, canaries: &'a [String]) -> Self {
        let plain = |text: &String| text.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', ".");
        Self {
            world: World::new(&Parts {
                credentials: credentials(dice, canaries),
                issues: vec![("a".to_owned(), payload("One", "two", "three"))],
                ..Parts::default()
            }),
            canaries,
            token: dice.pick(canaries).clone(),
            set: format!("credentials.api_token={}", dice.pick::<String>(canaries)),
            odd: format!("credentials.project_key_={}", dice.pick::<String>(canaries)),
            proxy: format!("http://me:{}@127.0.0.1:9", plain(dice.pick(canaries))),
        }
    }

    fn run(&self, arguments: &[&str], url: &str) -> Output {
        let mut command = self.world.command(arguments);
        command
            .env("SAAS_AUTH_TOKEN", &self.token)
            .env("SAAS_API_URL", url)
            .env("HTTP_PROXY", &self.proxy);
        let output = command.output().unwrap();
        for bytes in [&output.stdout, &output.stderr] {
            hold(&format!("{arguments:?}"), bytes, self.canaries);
        }
        // A planted token that comes to the last net is a panic in a debug build.
        let code = output.status.code();
        assert!(
            !matches!(code, None | Some(70 | 101)),
            "{arguments:?}: {output:?}"
        );
        output
    }

    /// Every command; returns how many.
    fn commands(&self, url: &str) -> usize {
        let commands: [&[&str]; 18] = [
            &["check"],
            &["check", "--json", "--strict"],
            &["check", "--set", &self.set],
            &["check", "--json", "--set", &self.set, "--set", &self.odd],
            &["why", "authorization"],
            &["why", "external_resource_id"],
            &["payload"],
            &["curl"],
            &["paths"],
            &["report"],
            &["report", "--output", "-", "--with-names"],
            &["issues", "--json"],
            &[
                "publish",
                "--yes",
                "--allow",
                "null-route,provider-token-as-bearer",
            ],
            &["journal"],
            &["journal", "--json"],
            &["diff"],
            &["frame", "--size", "160x50", "--keys", "6jj<enter>"],
            &["check", "--auth-token", &self.token, "--timeout-seconds", "x"],
        ];
        for arguments in commands {
            self.run(arguments, url);
        }
        commands.len()
    }

    /// Every screen and every copy; returns how many.
    fn screens(&self) -> usize {
        let mut inspector = Inspector::new(&self.world, Some(&self.token));
        inspector.resize(160, 50);
        let screens = [
            "1",
            "1<enter>",
            "2<enter>",
            "5",
            "6",
            "6j<enter>",
            "6jj<enter>",
            "p",
            "w",
            "yv",
            "yr",
            "yc",
            "yj",
            "yR",
            "R",
            "7",
        ];
        for keys in screens {
            inspector.press(keys);
            let frame = inspector.draw();
            hold(keys, text_of(&frame).as_bytes(), self.canaries);
            hold(keys, &bytes_of(&frame), self.canaries);
            inspector.press("<esc>");
        }
        for copied in inspector.written.split(|byte| *byte == 7) {
            let text = String::from_utf8_lossy(copied);
            let decoded = BASE64_STANDARD.decode(text.rsplit(';').next().unwrap()).unwrap();
            hold("the clipboard", &decoded, self.canaries);
        }
        screens.len()
    }
}

#[test]
fn s5_no_planted_token_comes_out() {
    let canaries = canaries();
    let mut dice = Dice::of("s5");
    let sessions = how_many(12, 1_000);
    let server = echoing();
    let url = server.url();
    let (mut outputs, mut frames, mut answered) = (0, 0, 0);
    for _ in 0..sessions {
        let session = Session::new(&mut dice, &canaries);
        outputs += session.commands(&url);
        let history = session.run(&["journal"], &url).stdout;
        answered += usize::from(String::from_utf8_lossy(&history).contains("refused"));
        frames += session.screens();
        let written = [session.world.traces("state"), session.world.traces("tmp")];
        for (path, (.., bytes)) in written.iter().flatten() {
            hold(&path.display().to_string(), bytes, &canaries);
        }
    }
    assert!(answered > 0, "no server ever repeated a token");
    figure(
        "S5",
        format!(
            "0 hits of 40 planted tokens in {outputs} outputs and {frames} frames of {sessions} sessions, \
             {answered} of them with a server that repeats the token"
        ),
    );
}

/// The programs that are started get no token, neither as an argument nor in their environment, and a crash leaves
/// no memory image.
#[test]
fn s5_children_and_cores_hold_no_token() {
    use catseye::sinks::clipboard::{Clipboard, ClipboardEnvironment, Multiplexer};
    use std::os::unix::fs::PermissionsExt;

    let world = World::new(&Parts::default());
    let given = world.path("given");
    let script = format!("#!/bin/sh\n{{ echo \"$@\"; env; cat; }} > {}\n", given.display());
    world.write("tmux", script.as_bytes());
    fs::set_permissions(world.path("tmux"), fs::Permissions::from_mode(0o700)).unwrap();
    let mut clipboard = Clipboard::new(ClipboardEnvironment {
        multiplexer: Multiplexer::Tmux(world.path("tmux").into_os_string()),
        folder: world.folder.path().to_owned(),
        ..ClipboardEnvironment::default()
    });
    // A fork of another test may hold the script open for writing: then tmux is passed over, and there is a file.
    let copied = clipboard.copy("text").unwrap();
    if let Ok(bytes) = fs::read(&given) {
        assert!(!String::from_utf8_lossy(&bytes).contains("SAAS_AUTH_TOKEN="));
    }
    assert_eq!(copied.bytes, 4);
    catseye::domain::scrub::watch("planted-for-the-clipboard-1");
    assert!(clipboard.copy("x planted-for-the-clipboard-1").is_err());
    assert!(clipboard.copy_to_file("x planted-for-the-clipboard-1").is_err());

    if cfg!(target_os = "linux") {
        let mut command = world.command(&["check", "--watch"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let limits = fs::read_to_string(format!("/proc/{}/limits", child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        // Whoever may not read it is told the same by that.
        if let Ok(limits) = limits {
            let core = limits
                .lines()
                .find(|line| line.starts_with("Max core file size"))
                .unwrap();
            assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
        }
    }
}
