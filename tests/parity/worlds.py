"""Generated worlds: a project, a home with credentials and stores, an environment and arguments.

`world(seed, index)` is deterministic, but for the random salts in SQLite's logs and journals. In `.git` files, in the
environment and in the arguments `{root}` stands for the world's folder and `{port}` for the receiving server's port.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import config_text
import credentials_text
import stores
from dice import Dice

HOME = "home"
TRACKERS = f"{HOME}/.spec-kitty/trackers"
CREDENTIALS = f"{HOME}/.spec-kitty/credentials"
# One world in this many is one that catseye refuses by name although spec-kitty sends.
REFUSED_EVERY = 300


@dataclass
class World:
    """Everything `publish` can read."""

    name: str
    notes: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    cwd: str = "project"
    env: dict[str, str] = field(default_factory=lambda: {"HOME": "{root}/home", "SPEC_KITTY_ENABLE_SAAS_SYNC": "1"})
    args: list[str] = field(default_factory=list)

    def materialise(self, root: Path) -> None:
        for folder in [HOME, *self.folders]:
            (root / folder).mkdir(parents=True, exist_ok=True)
        for path, content in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if path.endswith("/.git"):
                content = content.replace(b"{root}", os.fsencode(root))
            (root / path).write_bytes(content)
        for path, target in self.links.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).symlink_to(target)
        (root / self.cwd).mkdir(parents=True, exist_ok=True)

    def filled(self, text: str, root: Path, port: int) -> str:
        return text.replace("{root}", str(root)).replace("{port}", str(port))

    @contextlib.contextmanager
    def entered(self, root: Path, port: int) -> Iterator[None]:
        """The process stands in the world: its environment and current directory."""
        env, cwd = dict(os.environ), os.getcwd()
        os.environ.clear()
        os.environ.update({key: self.filled(value, root, port) for key, value in self.env.items()})
        os.chdir(root / self.cwd)
        try:
            yield
        finally:
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(env)

    def to_json(self) -> dict[str, Any]:
        files = [{"path": path, **packed(content)} for path, content in self.files.items()]
        rest = {"folders": self.folders, "links": self.links, "cwd": self.cwd, "env": self.env, "args": self.args}
        return {"name": self.name, "notes": self.notes, "files": files, **rest}


def packed(content: bytes) -> dict[str, Any]:
    """Text as text; else the size and every run that is not zeros, as [offset, base64]."""
    with contextlib.suppress(UnicodeDecodeError):
        text = content.decode()
        if not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text.replace("\r", "")):
            return {"text": text}
    runs = re.finditer(rb"(?:[^\0]|\0{1,8}(?=[^\0]))+", content, re.DOTALL)
    return {"size": len(content), "runs": [[run.start(), base64.b64encode(run[0]).decode()] for run in runs]}


def world(seed: int, index: int) -> World:
    dice = Dice(f"{seed}:{index}")
    made = World(f"{seed}/{index}")
    if index % REFUSED_EVERY == 17:
        return refused_by_name(dice, made, index // REFUSED_EVERY)
    meant = config_text.binding(dice)
    config = config_text.config_bytes(dice, meant, made.notes)
    place_project(dice, made, config)
    credentials = credentials_text.credentials_bytes(dice, meant.provider, made.notes)
    if credentials is not None:
        made.files[CREDENTIALS] = credentials
    place_store(dice, made, meant)
    set_environment(dice, made)
    if dice.chance(0.03):
        spoil_home(dice, made)
    return made


def place_project(dice: Dice, made: World, config: bytes) -> None:
    """Where the project lies and from where the command is run."""
    forms = {"plain": 80, "git": 6, "below": 4, "worktree": 2, "odd git": 3, "elsewhere": 2.5, "broken": 2.5}
    form = dice.pick(forms)
    if form != "plain":
        made.notes.append(f"project {form}")
    path = "project/.kittify/config.yaml"
    made.files[path] = config
    other = b"tracker:\n  provider: beads\n  workspace: other-one\n"
    if form == "git":
        made.folders.append("project/.git/objects")
    elif form == "below":
        made.cwd = "project/src/deep"
        if dice.chance(0.4):
            made.files["project/src/.git"] = b"gitdir: ../.git/modules/src\n"
    elif form == "worktree":
        gitdir = dice.pick([b"{root}/project/.git/worktrees/wt", b"../project/.git/worktrees/wt", b"{root}/project/.bare.git/worktrees/wt"])
        made.cwd = dice.pick(["wt", "wt", "wt/src"])
        made.folders.append("project/.git/worktrees/wt")
        made.files["wt/.git"] = b"gitdir: " + gitdir + b"\n"
        made.files["wt/.kittify/config.yaml"] = other
    elif form == "odd git":
        text = dice.pick([b"gitdir:\n", b"", b"\xff\xfe", b"gitdir: /nowhere/.git/worktrees/x\n", b"gitdir: a\0b\n", b" gitdir:{root}/.git/worktrees/x \n"])
        made.files["project/.git"] = text
    elif form == "elsewhere":
        elsewhere(dice, made, config, other)
    elif form == "broken":
        break_project(dice, made, config)


def elsewhere(dice: Dice, made: World, config: bytes, other: bytes) -> None:
    """Another folder decides: the environment, a link, a nested project, the home."""
    kind = dice.pick(["root", "bad root", "relative root", "link", "nested", "home", "linked folder"])
    made.notes.append(kind)
    if kind.endswith("root"):
        made.cwd = "other"
        made.files["other/.kittify/config.yaml"] = other
        made.env["SPECIFY_REPO_ROOT"] = {"root": "{root}/project", "bad root": "{root}/nowhere", "relative root": "../project"}[kind]
    elif kind == "link":
        del made.files["project/.kittify/config.yaml"]
        made.files["shared/kittify/config.yaml"] = config
        made.links["project/.kittify"] = "../shared/kittify"
    elif kind == "nested":
        made.cwd = "project/inner"
        made.files["project/inner/.kittify/config.yaml"] = other
    elif kind == "home":
        del made.files["project/.kittify/config.yaml"]
        made.cwd = f"{HOME}/work"
        made.files[f"{HOME}/.kittify/config.yaml"] = config
    else:
        made.cwd = "away/link"
        made.folders.append("project/src")
        made.links["away/link"] = "../project/src"


def break_project(dice: Dice, made: World, config: bytes) -> None:
    kind = dice.pick(["none", "file", "dangling", "no config", "config folder", "dangling config", "linked config"])
    made.notes.append(kind)
    del made.files["project/.kittify/config.yaml"]
    if kind == "file":
        made.files["project/.kittify"] = b""
    elif kind == "dangling":
        made.links["project/.kittify"] = "nowhere"
    elif kind == "no config":
        made.folders.append("project/.kittify")
    elif kind == "config folder":
        made.folders.append("project/.kittify/config.yaml")
    elif kind == "dangling config":
        made.links["project/.kittify/config.yaml"] = "nowhere.yaml"
    elif kind == "linked config":
        made.files["project/shared.yaml"] = config
        made.links["project/.kittify/config.yaml"] = "../shared.yaml"


def place_store(dice: Dice, made: World, meant: config_text.Binding) -> None:
    if dice.chance(0.09):
        made.notes.append("store absent")
        if dice.chance(0.3):
            made.folders.append(TRACKERS)
        return
    name, provider, workspace = scope(made, meant)
    if dice.chance(0.03):
        made.notes.append("store elsewhere")
        name = "0123456789abcdef.db"
    system = {"azure": "azure_devops", "azure-devops": "azure_devops"}.get(provider.strip().lower(), provider.strip().lower())
    for suffix, content in stores.store_files(dice, made.notes, system, workspace, provider).items():
        made.files[f"{TRACKERS}/{name}{suffix}"] = content
    if dice.chance(0.01):
        made.notes.append("store is a link")
        made.files = {path.replace(TRACKERS, f"{HOME}/kept"): content for path, content in made.files.items()}
        made.links[TRACKERS] = "../kept"


def scope(made: World, meant: config_text.Binding) -> tuple[str, str, str]:
    """The store's file name, the provider and the workspace as spec-kitty itself reads them from the world so far."""
    from specify_cli.core.paths import locate_project_root
    from specify_cli.tracker.service import TrackerService
    from specify_cli.tracker.store import default_tracker_db_path

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        made.materialise(root)
        with made.entered(root, 1):
            try:
                found = locate_project_root(Path.cwd())
                service = TrackerService(found)
                config = config_text_of(found)
                credentials = service.credential_store.get_provider(config.provider)
                path = service._resolve_db_path(config, credentials)
                return path.name, config.provider, config.workspace
            except Exception:  # the world fails before its store is opened: any place will do
                path = default_tracker_db_path(provider=meant.provider, workspace=meant.workspace)
                return path.name, meant.provider.strip(), meant.workspace.strip()


def config_text_of(root: Any) -> Any:
    from specify_cli.tracker.config import load_tracker_config

    config = load_tracker_config(root)
    if not config.is_configured:
        raise ValueError("not configured")
    return config


def set_environment(dice: Dice, made: World) -> None:
    base = "http://127.0.0.1:{port}"
    paths = {"": 30, "/": 10, "/base": 25, "/base//": 5, "/a/b/": 5, "/%7Euser": 1, "/a%20b": 1, "/a b": 0.7, "/é": 0.7, "/x|y^z": 0.3, "/a%zz": 0.3}
    hosts = {base: 96, "http://localhost:{port}": 2, "HTTP://127.0.0.1:{port}": 0.7}
    url = dice.pick(hosts) + dice.pick(paths)
    if dice.chance(0.025):
        url = dice.pick(
            ["", "  ", "127.0.0.1:{port}", "http://", "ftp://127.0.0.1:{port}", " " + base, base + "/\n", "https://127.0.0.1:{port}"]
            + ["http:/127.0.0.1:{port}", "http://127.0.0.1:{port}x/", "http://[::1/", "//127.0.0.1:{port}/", "http://xn--\u2603.\u0300:{port}", "http://a b:{port}/"]
        )
        made.notes.append(f"server {url!r}")
    if dice.chance(0.6):
        made.args += ["--server-url", url]
        if dice.chance(0.2):
            made.env["SAAS_API_URL"] = "http://127.0.0.1:9/never"
    else:
        made.env["SAAS_API_URL"] = url
    tokens = {None: 55, "tok_1": 25, "Bearer x": 1, " x": 1, "a b": 1, "a\tb": 0.5, "": 3, "~!@#$%^&*()": 1}
    fatal = {"x ": 1, "x\n": 1, " ": 1, "t\u00f6k": 1, "x\r\ny": 0.5}
    for where in ("flag", "env"):
        token = dice.pick(fatal) if dice.chance(0.012) else dice.pick(tokens)
        if token is not None and where == "flag" and dice.chance(0.6):
            made.args += ["--auth-token", token]
        elif token is not None and where == "env":
            made.env["SAAS_AUTH_TOKEN"] = token
    if dice.chance(0.1):
        flag = dice.pick({"true": 3, "YES": 2, " On ": 2, "1\n": 1, "\u00a01\x1f": 1, "0": 1, "y": 1, "": 1, None: 1})
        made.notes.append(f"flag {flag!r}")
        made.env.pop("SPEC_KITTY_ENABLE_SAAS_SYNC")
        if flag is not None:
            made.env["SPEC_KITTY_ENABLE_SAAS_SYNC"] = flag


def spoil_home(dice: Dice, made: World) -> None:
    """A home whose files are of the wrong kind, or that lies somewhere else."""
    kind = dice.pick(["credentials folder", "trackers file", "base file", "store folder", "linked credentials", "relative", "tilde", "empty home"])
    made.notes.append(f"home {kind}")
    inside = [path for path in made.files if path.startswith(f"{HOME}/.spec-kitty/")]
    databases = [path for path in inside if path.endswith(".db")]
    if kind == "credentials folder":
        made.files.pop(CREDENTIALS, None)
        made.folders.append(CREDENTIALS)
    elif kind == "linked credentials" and CREDENTIALS in made.files:
        made.files[f"{HOME}/dotfiles/credentials"] = made.files.pop(CREDENTIALS)
        made.links[CREDENTIALS] = "../dotfiles/credentials"
    elif kind == "relative":
        made.env["HOME"] = os.path.relpath(HOME, made.cwd)
    elif kind == "tilde":
        made.env["HOME"] = "~"
    elif kind in {"trackers file", "base file", "empty home"} and TRACKERS not in made.links:
        for path in [path for path in inside if kind != "trackers file" or path.startswith(TRACKERS)]:
            del made.files[path]
        made.folders = [folder for folder in made.folders if not folder.startswith(TRACKERS)]
        if kind != "empty home":
            made.files[TRACKERS if kind == "trackers file" else f"{HOME}/.spec-kitty"] = b""
    elif kind == "store folder" and databases:
        for path in [path for path in inside if path.startswith(databases[0])]:
            del made.files[path]
        made.folders.append(databases[0])


def refused_by_name(dice: Dice, made: World, turn: int) -> World:
    """A sound world with the one thing spec-kitty lets pass and catseye does not."""
    meant = config_text.Binding("jira", "acme.atlassian.net", None, {}, "550e8400-e29b-41d4-a716-446655440000", "demo")
    text = config_text.document(dice, meant)
    url = "http://127.0.0.1:{port}"
    kind = ["egress", "userinfo", "query", "fragment"][turn % 4]
    made.notes.append(f"refused by name: {kind}")
    if kind == "egress":
        text = "tracker:\n  provider: beads\n  workspace: acme\n  egress: refused\nsync:\n  enabled: false\n"
        meant.provider = "beads"
    made.files["project/.kittify/config.yaml"] = text.encode()
    values = credentials_text.table(dice, meant.provider)
    made.files[CREDENTIALS] = credentials_text.document(dice, meant.provider, values).encode()
    made.args = ["--server-url", {"egress": url, "userinfo": "http://ada:pw@127.0.0.1:{port}", "query": url + "/?x=1", "fragment": url + "/#f"}[kind]]
    return made
