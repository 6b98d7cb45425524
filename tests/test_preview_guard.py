"""Who may ask the preview what, and what it never does."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import ROOT, ok, partwork, run, snapshot, write
from previewing import SETTINGS, Running, folder, preview, started

FOREIGN = ("evil.example", "evil.example:80", "127.0.0.1", "127.0.0.2:{port}", "localhost:1", "")
ORIGINS = ("https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "null", "file://", "")
ADDRESSES = ("/", "/now/", "/now/issues/1", "/events", "/static/preview.js", "/now/feeds/0")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = folder(tmp_path_factory.mktemp("notes"))
    write(root, {"secret.txt": "a secret", "articles/other.txt": "not shown anywhere"})
    return root


@pytest.fixture(scope="module")
def shown(root: Path) -> Iterator[Running]:
    with preview(root) as running:
        yield running


def port(running: Running) -> str:
    return running.host.partition(":")[2]


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ADDRESSES)
def test_a_foreign_host_is_refused(shown: Running, path: str, host: str) -> None:
    answer = shown.ask(path, host=host.format(port=port(shown)))
    assert answer.status == 403
    assert "Northgate" not in answer.body


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", ADDRESSES)
def test_a_foreign_origin_is_refused(shown: Running, path: str, origin: str) -> None:
    assert shown.ask(path, origin=origin).status == 403


def test_its_own_names_are_taken(shown: Running) -> None:
    for host in (shown.host, f"localhost:{port(shown)}", f"LOCALHOST:{port(shown)}"):
        assert shown.ask("/now/", host=host).status == 200
        assert shown.ask("/now/", host=host, origin=f"http://{host}").status == 200


def test_a_frame_without_an_origin_is_known_by_its_key(shown: Running) -> None:
    path = "now/issues/1/media/images/logo.png"
    assert shown.ask(shown.framed + path, origin="null").status == 200
    assert shown.ask("/framed/another/" + path, origin="null").status == 403
    assert shown.ask("/framed/another/" + path).status == 404
    assert shown.ask(shown.framed + path, origin="https://evil.example").status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_a_test_can_be_posted_and_never_from_elsewhere(shown: Running, method: str) -> None:
    own = f"http://{shown.host}"
    for path in ("/now/", "/now/issues/1", "/events"):
        assert shown.ask(path, method, origin=own).status == 405
    assert shown.ask("/now/issues/1/test", method).status == 403, "without an origin"
    assert shown.ask("/now/issues/1/test", method, origin="null").status == 403
    framed = shown.framed + "now/issues/1/light"
    assert shown.ask(framed, method, origin="null").status == 403


@pytest.mark.parametrize(
    "path",
    [
        "secret.txt",
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "media/../../secret.txt",
        "media/..%2f..%2fsecret.txt",
        "media//etc/passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "media/%2e%2e/%2e%2e/newsletter.toml",
        "media/other.txt",
        "media/01-one.md",
        "newsletter.toml",
        "..\\secret.txt",
        "media/images",
        "%00",
        "",
    ],
)
def test_nothing_but_what_a_build_makes_is_served(shown: Running, path: str) -> None:
    places = ("now/site/", "now/issues/1/media/", "now/issues/1/", "now/feeds/0/")
    for place in (*(shown.framed + one for one in places), "/static/", "/", "/now/", "//"):
        body = shown.ask(place + path).body
        for words in ("a secret", "not shown anywhere", "root:", "[newsletter]", "tag:northgate"):
            assert words not in body or place.endswith("feeds/0/"), (place, path)


def test_what_articles_make_is_sandboxed_wherever_it_is_opened(shown: Running) -> None:
    for path in ("issues/1/light", "issues/1/bare", "site/index.html", "site/feed.xml",
                 "site/style.css", "feeds/0/0", "issues/1/media/images/logo.png"):  # fmt: skip
        answer = shown.ask(f"{shown.framed}now/{path}")
        policy = answer.headers["content-security-policy"]
        assert answer.status == 200, path
        assert "default-src 'none'" in policy, path
        sandbox = next(one for one in policy.split("; ") if one.startswith("sandbox"))
        assert "allow-scripts" not in sandbox, path
        assert "allow-same-origin" not in sandbox, path
        assert answer.headers["x-content-type-options"] == "nosniff"
    bare = shown.ask(f"{shown.framed}now/issues/1/bare").headers["content-security-policy"]
    assert "img-src 'none'" in bare


def test_our_own_pages_take_nothing_inline_and_nothing_from_elsewhere(shown: Running) -> None:
    for path in ("/now/", "/now/issues/1", "/now/issues/99", "/nonsense/", "/events"):
        if path == "/events":
            continue  # it never ends
        answer = shown.ask(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! src=)", answer.body), path
        frames = re.findall(r"<iframe [^>]*>", answer.body)
        assert all('sandbox="allow-popups' in one for one in frames), path
        assert not any("allow-scripts" in one or "same-origin" in one for one in frames), path


def test_looking_at_everything_writes_nothing(tmp_path: Path) -> None:
    root = folder(tmp_path)
    before = snapshot(root), sorted(path.name for path in root.iterdir())
    with preview(root) as running:
        for path in ("/now/", "/now/issues/1", "/now/issues/1/findings", "/now/archive",
                     "/now/feeds/0/0?content=full", "/now+drafts/issues/3/text"):  # fmt: skip
            running.page(path)
        for path in ("issues/1/light", "site/", "feeds/0/0"):
            running.page(f"{running.framed}now/{path}")
    assert (snapshot(root), sorted(path.name for path in root.iterdir())) == before


@pytest.mark.parametrize("day", ["2026-13-01", "soon", "0001-01-01", "2026-10-13T25:00", "now+x"])
def test_a_day_that_is_none_is_not_there(shown: Running, day: str) -> None:
    assert shown.ask(f"/{day}/").status == 404


def test_the_form_on_top_leads_nowhere_else(shown: Running) -> None:
    for page in ("//evil.example/", "https://evil.example", "\\evil.example", "../../x"):
        answer = shown.ask(f"/go?page={page}&day=2026-10-07")
        assert answer.headers["location"].startswith("/2026-10-07/")
    for day in ("//evil.example", "https://evil.example", "/evil.example"):
        assert not re.match(r"//|/\\", shown.ask(f"/go?day={day}").headers["location"])


def test_it_listens_on_this_machine_alone(shown: Running) -> None:
    number = f"{int(port(shown)):04X}"
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
        if line.split()[1].endswith(f":{number}") and line.split()[3] == "0A"
    ]
    assert listening == [f"0100007F:{number}"], "127.0.0.1, and no other address"


# The command.


def test_ctrl_c_stops_it_at_once_although_a_page_listens(tmp_path: Path) -> None:
    process = started(folder(tmp_path))
    assert process.stdout
    url = process.stdout.readline().split()[4]
    listening = socket.create_connection(("127.0.0.1", int(url.strip("/").rpartition(":")[2])))
    host = url.removeprefix("http://").rstrip("/")
    listening.sendall(f"GET /events?version=x HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
    assert b"200 OK" in listening.recv(1000)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=10)
    listening.close()
    assert (process.returncode, said, errors) == (0, "Stopped.\n", "")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        done = partwork("-C", folder(tmp_path), "preview", "--port", number)
    assert done.returncode == 1
    assert f"port {number} can't be used" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--as-of", "soon"], "'soon' is not a date"),
        (["--port", "70000"], "70000 is not in the range"),
        (["--port", "http"], "not a valid integer"),
    ],
)
def test_wrong_usage_ends_with_2(tmp_path: Path, args: list[str], said: str) -> None:
    done = run("preview", *args, root=folder(tmp_path))
    assert done.exit_code == 2
    assert said in done.output


def test_without_a_newsletter_it_says_how_to_begin(tmp_path: Path) -> None:
    done = partwork("-C", tmp_path, "preview")
    assert done.returncode == 1
    assert "partwork init" in done.stderr


def test_a_newsletter_that_is_broken_from_the_start_is_shown_as_such(tmp_path: Path) -> None:
    with preview(folder(tmp_path, {"newsletter.toml": "[newsletter"})) as running:
        assert "newsletter.toml:1" in running.page("/now/")
        write(tmp_path, {"newsletter.toml": SETTINGS})


def test_a_day_given_at_the_start_is_where_one_begins(tmp_path: Path) -> None:
    with preview(folder(tmp_path), "--as-of", "2026-10-07") as running:
        assert running.ask("/").headers["location"] == "/2026-10-07/"
        assert "7 Oct 2026, 23:59" in running.page("/2026-10-07/")


def test_without_its_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys\nsys.modules['uvicorn'] = None\nfrom pipeline.__main__ import main\nmain()\n"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, "-C", str(folder(tmp_path)), "preview"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert "pip install 'partwork[preview]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('editor = "code"', "`editor` is 'code': write e.g. vscode://file/{path}:{line}"),
        ('editor = "javascript://{path}"', "`editor` is 'javascript://{path}'"),
        ('editor = "JavaScript://{path}"', "`editor` is"),
        ('editor = "vscode://file/"', "`editor` is"),
        ('editor = "vscode://{path}{column}"', "`editor` names {column}: use only {line}, {path}"),
        ('editor = "vscode://{path}{"', "`editor` has braces"),
        ('test_to = "Ann <ann@example.org>"', "`test_to` is 'Ann <ann@example.org>'"),
    ],
)
def test_settings_that_lead_nowhere_are_named(tmp_path: Path, settings: str, said: str) -> None:
    toml = SETTINGS.partition("[preview]")[0] + f"[preview]\n{settings}\n"
    done = run("check", root=folder(tmp_path, {"newsletter.toml": toml}))
    assert done.exit_code == 1
    assert said in done.output


def test_the_help_names_its_options() -> None:
    said = ok("preview", "--help").output
    assert all(option in said for option in ("--port", "--open", "--as-of"))
