//! How the inspector looks, through the front door: ASCII, themes, settings and keys, pictures.
// Pictures and settings have paths and folders as they are there.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::HashSet;
use std::process::{Command, Output};

use catseye::domain::ascii::stand_in;
use catseye::scene;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_catseye"))
        .args(arguments)
        .env_clear()
        .env("TMPDIR", "/tmp")
        .output()
        .unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A frame of a scene, with further flags.
fn frame(scene: &str, size: &str, keys: &str, flags: &[&str]) -> String {
    let frame = ["frame", "--scene", scene, "--size", size, "--keys", keys];
    printed(&[&frame, flags].concat())
}

/// The letters that the scenes' own texts hold: all else that is not ASCII is ours.
fn letters_of_scenes() -> HashSet<char> {
    let mut letters = HashSet::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/scenes");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let files = if path.is_dir() {
            let files = std::fs::read_dir(path).unwrap();
            files.map(|file| file.unwrap().path()).collect()
        } else {
            vec![path]
        };
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            // JSON writes them as escapes.
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(value) => letters.extend(value.to_string().chars()),
                Err(_) => letters.extend(text.chars()),
            }
        }
    }
    letters.retain(|c| !c.is_ascii() && stand_in(*c).is_none());
    letters
}

#[test]
fn no_frame_of_any_scene_holds_a_glyph_that_is_not_ascii() {
    let letters = letters_of_scenes();
    let screens = [
        "",
        "<enter>",
        "2",
        "2jjj<enter>",
        "3",
        "4",
        "5",
        "5jjjjjjjjl",
        "6",
        "6jj<enter>",
        "7",
        "?",
        ":",
        "2y",
        "p",
        "paP",
        "paPq7",
        "w",
        "wx",
        "E",
        "d",
        "2s",
        "2fstatus:open",
        "2frefund<enter>",
        "2sj<enter>",
        "5jjjt",
    ];
    for scene in scene::names() {
        for (index, keys) in screens.iter().enumerate() {
            let size = ["120x36", "80x24", "44x12"][index % 3];
            let frame = frame(scene, size, keys, &["--ascii"]);
            let strange = frame.chars().find(|c| !c.is_ascii() && !letters.contains(c));
            assert_eq!(strange, None, "{scene} {keys} {size}\n{frame}");
        }
    }
}

#[test]
fn ascii_frames_keep_their_columns() {
    for keys in ["", "2", "5"] {
        let of = |flags| frame("healthy-jira", "100x20", keys, flags);
        let (ascii, drawn) = (of(&["--ascii"]), of(&[]));
        assert!(!drawn.is_ascii() && drawn.lines().count() == ascii.lines().count());
    }
    let frame = frame("spelling", "100x34", "", &["--ascii"]);
    assert!(
        frame.contains("NULL ROUTE X")
            && frame.contains("# Findings 1 of 2 ===")
            && frame.contains("+ provider-spelling-mismatch ---"),
        "{frame}"
    );
    insta::assert_snapshot!("ascii", frame.lines().take(30).collect::<Vec<_>>().join("\n"));
}

#[test]
fn text_for_people_is_ascii_too_and_data_stays() {
    let plain = run(&["check", "--scene", "spelling"]);
    let ascii = run(&["check", "--scene", "spelling", "--ascii"]);
    assert!(!plain.stdout.is_ascii() && ascii.stdout.is_ascii());
    assert_eq!(plain.status.code(), ascii.status.code());
    let payload = |flags: &[&str]| run(&[&["payload", "--scene", "healthy-jira"], flags].concat()).stdout;
    assert_eq!(payload(&["--ascii"]), payload(&[]));
}

/// A settings file that is deleted with the test.
fn settings(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn frame_with(config: &str, keys: &str) -> String {
    let file = settings(config);
    let path = file.path().to_str().unwrap();
    frame("healthy-jira", "100x20", keys, &["--config", path]).replace(path, "config.yaml")
}

/// `catseye config` says how everything is by default: as it is printed and with its marks taken off it changes nothing.
#[test]
fn the_printed_settings_load_and_change_nothing() {
    let text = printed(&["config"]);
    let keys = printed(&["keys"]);
    for text in [text.clone(), text.replace("\n#  ", "\n  ")] {
        let file = settings(&text);
        let path = file.path().to_str().unwrap();
        assert_eq!(printed(&["keys", "--config", path]), keys);
    }
    assert!(text.contains("#  down: ['j', '<down>']"));
}

#[test]
fn keys_of_the_settings_work_and_show() {
    let config = "keys:\n  show-issues: I\n  help: ['M', '<c-g>']\n  copy-menu: Y\n";
    assert!(frame_with(config, "I").contains("[2 Issues"));
    assert!(frame_with(config, "2").contains("[1 Route"));
    assert!(frame_with(config, "<c-g>").contains("send the frozen request, once"));
    assert!(frame_with(config, "").contains("Y copy") && frame_with(config, "").contains("M help"));
    let config = "keys: {send: X}\n";
    assert!(frame_with(config, "pX").contains("DELIVERED"));
    assert!(!frame_with(config, "pP").contains("DELIVERED"));
}

#[test]
fn what_is_wrong_in_the_settings_is_told_with_its_line_and_the_inspector_starts() {
    let config =
        "theme: purple\nascii: perhaps\nkeys:\n  reload: j\n  relod: R\n  send: [P, S]\ncolour: no\n";
    let frame = frame_with(config, "");
    for told in [
        "config.yaml:1: there is no theme `purple`",
        "config.yaml:2: ascii is true or false",
        "config.yaml:4: keys: reload: `j` is the key of down too; reload keeps r",
        "config.yaml:5: keys: relod: no action is called so; is it reload?",
        "config.yaml:6: keys: send: exactly one key sends",
        "config.yaml:7: there is no setting `colour`",
    ] {
        assert!(frame.contains(told), "{told}\n{frame}");
    }
    assert!(frame_with(config, "<esc>2j").contains("Issues 2 of"));
    assert!(frame_with("theme: [\n", "").contains("config.yaml:2: this is no YAML"));
    assert!(frame_with("- x\n", "").contains("config.yaml:1: settings are written as"));
    assert!(frame_with("", "").contains("ROUTED"));
}

#[test]
fn a_settings_file_that_is_named_must_be_there() {
    let output = run(&["keys", "--config", "/nowhere/config.yaml"]);
    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("--config /nowhere/config.yaml: there is no such file"),
        "{said}"
    );
}

#[test]
fn the_settings_are_found_in_the_config_home() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("catseye")).unwrap();
    std::fs::write(
        home.path().join("catseye/config.yaml"),
        "keys: {help: M, plan: '?'}\n",
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
        .arg("keys")
        .env_clear()
        .env("XDG_CONFIG_HOME", home.path())
        .output()
        .unwrap();
    let keys = String::from_utf8(output.stdout).unwrap();
    let has = keys
        .lines()
        .any(|line| line.split_whitespace().eq(["M", "show", "the", "keys"]));
    assert!(has && output.stderr.is_empty(), "{keys}");
}

/// The pictures of README: name, scene, keys.
const PICTURES: [(&str, &str, &str); 3] = [
    ("route", "spelling", ""),
    ("plan", "spelling", "pa"),
    ("issues", "healthy-jira", "2jjj"),
];

fn picture(scene: &str, keys: &str, ground: &str) -> String {
    let svg = frame(scene, "110x34", keys, &["--svg", ground]);
    // What differs from run to run, by stand-ins of the same width.
    let folder = regex::Regex::new("catseye-scene-[A-Za-z0-9]{6}").unwrap();
    let port = regex::Regex::new("127\\.0\\.0\\.1:[0-9]{5}").unwrap();
    let svg = folder.replace_all(&svg, "catseye-scene-a1B2c3");
    port.replace_all(&svg, "127.0.0.1:40000").into_owned()
}

/// To draw them anew: `CATSEYE_PICTURES=draw cargo test --test looks pictures`.
#[test]
fn the_pictures_of_the_readme_are_what_the_program_draws() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for (name, scene, keys) in PICTURES {
        for ground in ["dark", "light"] {
            let file = format!("{name}-{ground}.svg");
            let drawn = picture(scene, keys, ground);
            if std::env::var_os("CATSEYE_PICTURES").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(folder.join(&file), &drawn).unwrap();
            }
            let kept = std::fs::read_to_string(folder.join(&file)).unwrap_or_default();
            assert!(
                kept == drawn,
                "{file} is not what the program draws: look at the frame, then draw it with CATSEYE_PICTURES=draw"
            );
            assert!(
                readme.contains(&format!("assets/pictures/{file}")),
                "README shows no {file}"
            );
        }
    }
}

#[test]
fn a_picture_holds_nothing_hidden() {
    for (_, scene, keys) in PICTURES {
        let svg = picture(scene, keys, "dark");
        assert_eq!(svg, picture(scene, keys, "dark"));
        let hidden = svg
            .chars()
            .find(|c| catseye::domain::safe::is_hidden(*c) || (c.is_control() && *c != '\n'));
        assert_eq!(hidden, None);
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
        assert!(!svg.contains("<script") && !svg.contains("href"));
    }
    let colourless = printed(&["frame", "--scene", "spelling", "--svg", "--color", "never"]);
    assert!(!colourless.contains("#ff7b72") && picture("spelling", "", "dark").contains("#ff7b72"));
}

#[test]
fn zoom_gives_the_pane_with_the_focus_the_whole_body() {
    let frame = |keys| frame("healthy-jira", "120x20", keys, &[]);
    let boxes = |frame: &str| frame.lines().nth(2).unwrap().matches(['┌', '╔']).count();
    assert_eq!(boxes(&frame("2")), 2);
    assert!(boxes(&frame("2z")) == 1 && frame("2z").contains("Issues 1 of 18"));
    assert!(boxes(&frame("2<enter>z")) == 1 && frame("2<enter>z").contains("assignees"));
    assert_eq!(boxes(&frame("2zz")), 2);
}

/// Links go to the desktop's opener as one argument, after a second key, with the host told before.
#[test]
fn a_link_is_opened_by_a_second_key() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told");
    for opener in ["xdg-open", "open"] {
        let path = folder.path().join(opener);
        std::fs::write(&path, "#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" > \"$TOLD\"\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let frame = |keys: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
            .args([
                "frame",
                "--scene",
                "healthy-jira",
                "--size",
                "100x20",
                "--keys",
                keys,
            ])
            .env_clear()
            .env("TMPDIR", "/tmp")
            .env("PATH", folder.path())
            .env("TOLD", &told)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let asked = frame("2o");
    assert!(
        asked.contains("Open on the web?") && asked.contains("host acme.atlassian.net"),
        "{asked}"
    );
    for keys in ["2o", "2oo", "2ooooo", "2o<esc><enter>", "2oq"] {
        frame(keys);
        assert!(!told.exists(), "{keys}");
    }
    assert!(frame("1<enter>o").contains("there is no URL here"));
    let opened = frame("2o<enter>");
    assert!(opened.contains("acme.atlassian.net opened by"), "{opened}");
    let told = std::fs::read_to_string(&told).unwrap();
    assert_eq!(told, "1\nhttps://acme.atlassian.net/browse/ACME-1\n");
    let nothing = printed(&["frame", "--scene", "healthy-jira", "--keys", "2o<enter>"]);
    assert!(nothing.contains("not opened: "), "{nothing}");
}

/// The first variable that says something names the editor; it gets place and file, and no token.
#[cfg(unix)]
#[test]
fn a_frame_of_a_scene_opens_the_editor_and_reads_again() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let editor = folder.path().join("editor");
    let script = "#!/bin/sh\necho chatter\n[ -z \"$SAAS_AUTH_TOKEN\" ] || exit 3\n\
                  [ \"$1 $2\" = '--wait +6' ] && sed 's/Jira/jira/' \"$3\" > \"$3.new\" && mv \"$3.new\" \"$3\"\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let frame = |arguments: &[&str], words: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
            .args([&["frame", "--size", "160x30", "--keys", "e"], arguments].concat())
            .env("VISUAL", " ")
            .env("EDITOR", words)
            .env("SAAS_AUTH_TOKEN", "t")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let edited = frame(&["--scene", "spelling"], &format!("{} --wait", editor.display()));
    assert!(
        edited.contains("ROUTED")
            && edited.contains(".kittify/config.yaml:6 changed")
            && !edited.contains("chatter"),
        "{edited}"
    );
    let none = frame(&["--scene", "spelling"], "");
    assert!(none.contains("neither $VISUAL nor $EDITOR is set"), "{none}");
    let scene = catseye::scene::Scene::enter("spelling").unwrap();
    let project = scene.sandbox.project();
    let outside = frame(
        &[
            "--project",
            project.to_str().unwrap(),
            "--home",
            scene.sandbox.home().to_str().unwrap(),
        ],
        editor.to_str().unwrap(),
    );
    assert!(
        outside.contains("a frame opens one only with --scene"),
        "{outside}"
    );
}

#[test]
fn sources_name_where_newer_versions_read_more_variables() {
    let sources = printed(&["frame", "--scene", "spelling", "--size", "160x40", "--keys", "6G"]);
    assert!(
        sources.contains(".kitty.env") && sources.contains("for 3.2.7 and newer"),
        "{sources}"
    );
}
