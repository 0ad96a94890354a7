"""The house rules that can be checked. Each message says why the rule is there. Each rule is first shown to bite."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import waymark
from waymark.cli import main

HOME = Path(__file__).resolve().parents[1]
PACKAGE = HOME / "waymark"

CLOCKS = {"now", "today", "utcnow", "localdate", "localtime", "time_ns", "monotonic"}
REGISTRIES = (
    r"(?:pypi|pythonhosted|npmjs|yarnpkg)\.(?:org|com)",
    r"registry\.\w+\.(?:org|com|io)",
)
MACHINE_PATHS = (r"(?<![\w.:/-])/(?:work|root|tmp|Users|home/\w+)/",)


def tracked_files() -> list[Path]:
    """Every file that is in the repository or would be with `git add`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True).stdout
    return [HOME / name for name in listed.splitlines() if (HOME / name).is_file()]


def modules_in(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "tests" not in path.parts)


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(HOME)}:{line}"


# Code


def attributes(source: str, names: set[str]) -> list[int]:
    """The lines on which one of the names is used as an attribute or imported."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        used = isinstance(node, ast.Attribute) and node.attr in names
        imported = isinstance(node, ast.ImportFrom) and any(alias.name in names for alias in node.names)
        if used or imported:
            lines.append(node.lineno)
    return lines


def test_it_reads_no_clock_in_the_law():
    assert attributes("from datetime import date\nday = date.today()", CLOCKS) == [2]
    assert attributes("from waymark.web.clock import now", CLOCKS) == [1]
    found = [
        where(path, line)
        for path in modules_in(PACKAGE / "law")
        for line in attributes(path.read_text(encoding="utf-8"), CLOCKS)
    ]
    assert not found, f"{found}: the law is handed its dates, so that any day can be asked about and asked again."


def test_it_queries_no_model_in_a_view():
    assert attributes("people = Person.objects.all()", {"objects"}) == [1]
    views = [path for path in modules_in(PACKAGE) if path.name == "views.py" or "views" in path.parts]
    assert views
    found = [
        where(path, line)
        for path in views
        for line in attributes(path.read_text(encoding="utf-8"), {"objects", "_default_manager", "_base_manager"})
    ]
    assert not found, f"{found}: a view asks access.py or reads.py, where scope and restrictions cannot be forgotten."


def test_it_imports_in_one_direction():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=HOME, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + "\nThe order of the rooms stands in docs/map.md."


# Templates

INLINE = {
    r"""<script(?![^>]*(?:\bsrc=|type="application/json"))""": "an inline script",
    r"<style\b": "an inline style sheet",
    r"""(?<![\w-])style\s*=\s*["']""": "a style attribute",
    r"""<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=\s*["']""": "an inline event handler",
    r"javascript:": "a javascript: address",
    r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)\s*=\s*["'](?:https?:)?//""": "something of another host",
}


def inline_code(template: str) -> Iterator[tuple[int, str]]:
    for pattern, words in INLINE.items():
        for match in re.finditer(pattern, template, re.IGNORECASE):
            yield template.count("\n", 0, match.start()) + 1, words


@pytest.mark.parametrize(
    "template",
    [
        "<script>go()</script>",
        "<p style='color: red'>",
        "<style>p {}</style>",
        '<button\n onclick="go()">',
        '<a href="javascript:go()">',
        '<div hx-on:click="go()">',
        '<script src="//elsewhere.example/x.js"></script>',
    ],
)
def test_it_notices_inline_code(template):
    assert list(inline_code(template))


def test_it_lets_plain_templates_pass():
    plain = """<script src="{% static 'web/waymark.js' %}" defer></script><p class="style">on = "x"</p>
        <script type="application/json">{"data": "is not run"}</script>"""
    assert not list(inline_code(plain))


def test_it_has_no_inline_code_in_templates():
    templates = sorted(PACKAGE.rglob("templates/**/*.html"))
    assert templates
    found = [
        f"{where(path, line)} {words}"
        for path in templates
        for line, words in inline_code(path.read_text(encoding="utf-8"))
    ]
    assert not found, f"{found}: the Content-Security-Policy refuses it, and so nobody can slip any in."


# Documents


def commands(command: click.Command, name: str) -> Iterator[str]:
    """The full names of a command and all beneath it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            below = command.get_command(context, part)
            assert below is not None
            yield from commands(below, f"{name} {part}")
    else:
        yield name


def test_it_documents_every_command():
    text = "\n".join(path.read_text(encoding="utf-8") for path in [HOME / "README.md", *(HOME / "docs").rglob("*.md")])
    missing = [name for name in commands(main, "waymark") if not re.search(rf"{name}\b", text)]
    assert not missing, f"{missing}: a command nobody can read about is found by nobody. Name it in README.md or docs/."


def test_it_documents_every_setting():
    settings = (PACKAGE / "sites/staff/settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r"environ\.get\(\"(\w+)\"", settings))
    assert "DATABASE_URL" in names
    readme = (HOME / "README.md").read_text(encoding="utf-8")
    missing = sorted(name for name in names if f"`{name}`" not in readme)
    assert not missing, f"{missing}: whoever installs Waymark looks for the settings in README.md."


def test_it_gives_a_reason_for_every_dependency():
    reasons = (HOME / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    wanted = [
        re.split(r"[<>=\[;]", line)[0]
        for path in (HOME / "requirements").glob("*.in")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-r"))
    ]
    assert "django" in wanted
    missing = [name for name in wanted if f"`{name}`" not in reasons]
    assert not missing, (
        f"{missing}: docs/decisions/0002-dependencies.md says of each why it is here and who else was weighed."
    )


def test_it_lists_every_decision():
    pages = HOME / "docs" / "decisions"
    index = (pages / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in pages.glob("[0-9]*.md") if f"({page.name})" not in index]
    assert not missing, f"{missing}: docs/decisions/README.md is where a newcomer looks for the reasons."


def test_it_has_a_line_for_every_room_in_the_map():
    rooms = [path.parent.name for path in PACKAGE.glob("*/__init__.py")]
    text = (HOME / "docs/map.md").read_text(encoding="utf-8")
    missing = [room for room in rooms if f"`{room}/`" not in text]
    assert not missing, f"{missing}: docs/map.md says where things live."


def test_it_tells_of_this_version_in_the_changelog():
    assert re.search(rf"^## .*{re.escape(waymark.__version__)}", (HOME / "CHANGELOG.md").read_text(), re.MULTILINE), (
        f"CHANGELOG.md has no heading for {waymark.__version__}: whoever upgrades reads there what changes for them."
    )


def test_it_links_to_pages_that_exist():
    broken = []
    for path in (path for path in tracked_files() if path.suffix in (".md", ".py", ".html")):
        text = path.read_text(encoding="utf-8")
        named = [HOME / name for name in re.findall(r"(?<![\w/])docs/[\w/.-]+\.(?:md|png)", text)]
        if path.suffix == ".md":
            linked = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
            named += [path.parent / target for target in linked if not re.match(r"[a-z]+:", target)]
        broken += [f"{path.relative_to(HOME)} -> {page.name}" for page in named if not page.exists()]
    assert not broken, f"{broken}: a link that leads nowhere costs a reader's trust in the rest."


# The repository


def lines_matching(text: str, patterns: tuple[str, ...]) -> list[int]:
    return [n for n, line in enumerate(text.splitlines(), 1) if any(re.search(pattern, line) for pattern in patterns)]


def test_it_names_no_package_registry_and_no_path_of_a_machine():
    assert lines_matching("resolved: https://registry." + "npmjs" + ".org/x", REGISTRIES)
    assert lines_matching("open('" + "/home" + "/ida/notes')", MACHINE_PATHS)
    assert not lines_matching("see docs/work/ and /var/lib", MACHINE_PATHS)
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [where(path, line) for line in lines_matching(text, REGISTRIES + MACHINE_PATHS)]
    assert not found, f"{found}: an office installs from its own mirror, and nobody else has that folder."


def test_it_keeps_no_lock_file_that_names_a_registry():
    assert "uv.lock" not in {path.name for path in tracked_files()}, "Pins stand in requirements/*.txt: ./dev lock"
