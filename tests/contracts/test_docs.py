"""What the documents say is so: commands, options, variables, links, names and versions are looked up in the code."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import pim
from pim.cli import app

PROJECT = Path(__file__).parents[2]
PAGES = sorted(path for path in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("fixtures/*.md")))
TEXTS = {str(path.relative_to(PROJECT)): path.read_text("utf-8") for path in PAGES}

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^ {4}(.+)$", re.MULTILINE)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
VARIABLE = re.compile(r"\bPIM_[A-Z_]*[A-Z]\b")
ROW = re.compile(r"^\| \*\*(.+?)\*\* \| .+ \| (.+) \|$", re.MULTILINE)


def code_lines(text: str) -> Iterator[str]:
    """Lines of fenced and indented blocks, and code inside sentences."""
    for _, block in FENCED.findall(text):
        yield from block.splitlines()
    rest = FENCED.sub("", text)
    yield from INDENTED.findall(rest)
    yield from INLINE.findall(rest)


def commands(program: str) -> list[tuple[str, str]]:
    """(page, command) for all that documents tell a reader to run; a prompt and variables before it do not count."""
    found = []
    for page, text in TEXTS.items():
        for line in code_lines(text):
            command = re.sub(r"^(\$ )?([A-Z_]+=\S+ )*(\.venv/bin/)?", "", line.strip())
            if command.startswith(f"{program} "):
                found.append((page, command))
    return found


def known_command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words behind its name."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"`{words[0]}` is not among {sorted(command.commands)}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def every_command(group: Any, name: str = "pim") -> Iterator[str]:
    """`pim export`, `pim exports check`, … for all that can be run."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, f"{name} {word}")
        else:
            yield f"{name} {word}"


def options_of(command: Any) -> set[str]:
    named = (name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts))
    return {name for name in named if name.startswith("-")} | {"--help"}


def variables_read() -> set[str]:
    """Every variable that the program or its tests ask an environment for."""
    read = set()
    for path in (*PROJECT.glob("pim/**/*.py"), *PROJECT.glob("tests/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                read |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return {name for name in read if isinstance(name, str) and VARIABLE.fullmatch(name)}


def names_of_secrets() -> set[str]:
    """Variables that definitions of exports, or examples of them, choose for their tokens."""
    return set(re.findall(r"^token: (PIM_\w+)", "\n".join(TEXTS.values()), re.MULTILINE))


def anchors(text: str) -> set[str]:
    """Headings as addresses, the way that GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("page", "line"), commands("pim"))
def test_a_documented_command_exists_with_its_options(page: str, line: str) -> None:
    command, words = known_command(shlex.split(line, comments=True)[1:])
    options = {word.strip("[]").partition("=")[0] for word in words if word.strip("[]").startswith("-")}
    assert options <= options_of(command), f"{page}: {line}"


@pytest.mark.parametrize(("page", "line"), commands("make"))
def test_a_documented_target_is_in_the_makefile(page: str, line: str) -> None:
    targets = re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    words = [word for word in shlex.split(line, comments=True)[1:] if "=" not in word]
    assert words, f"{page}: {line}"
    assert set(words) <= set(targets), f"{page}: {line}"


def test_every_command_is_documented() -> None:
    told = [line for _, line in commands("pim")]
    unknown = [
        name
        for name in every_command(typer.main.get_command(app))
        if not any(f"{line} ".startswith(f"{name} ") for line in told)
    ]
    assert unknown == []


def test_documented_variables_are_those_that_are_read() -> None:
    documented = {name for text in TEXTS.values() for name in VARIABLE.findall(text)}
    assert documented - names_of_secrets() == variables_read()


def test_the_table_of_the_readme_lists_every_setting() -> None:
    listed = re.findall(r"^\| `(PIM_\w+)` \|", TEXTS["README.md"], re.MULTILINE)
    settings = (PROJECT / "pim/base/settings.py").read_text("utf-8")
    assert sorted(listed) == sorted(set(re.findall(r'\.get\("(PIM_\w+)"', settings)))


@pytest.mark.parametrize("page", TEXTS)
def test_every_relative_link_leads_somewhere(page: str) -> None:
    for link in (first or second for first, second in LINK.findall(FENCED.sub("", TEXTS[page]))):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            target = (PROJECT / page).parent / path if path else PROJECT / page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target.read_text("utf-8")), link


@pytest.mark.parametrize(("word", "where"), ROW.findall(TEXTS["docs/glossary.md"]))
def test_a_word_of_the_glossary_is_a_name_in_the_file_it_links_to(word: str, where: str) -> None:
    found = re.fullmatch(r"\[`(\w+)`\]\(\.\./(.+)\)", where)
    assert found is not None, f"{word}: write [`Name`](../path)"
    name, path = found.groups()
    assert re.search(rf"^(class |def |){name}\b", (PROJECT / path).read_text("utf-8"), re.MULTILINE)


def test_every_page_is_in_an_index() -> None:
    index = {link for link, _ in LINK.findall(TEXTS["docs/README.md"])}
    pages = {str(Path(page).relative_to("docs")) for page in TEXTS if page.startswith("docs/")}
    assert pages - index == {"README.md"}


def test_the_house_on_one_screen_shows_every_room() -> None:
    house = TEXTS["README.md"].partition("## The house")[2]
    rooms = [path.name for path in (PROJECT / "pim").iterdir() if path.is_dir() and not path.name.startswith("__")]
    assert [room for room in rooms if f"\n  {room}/ " not in house] == []


def test_the_changelog_begins_with_the_version_of_the_program() -> None:
    versions = re.findall(r"^## \[(.+?)\]", TEXTS["CHANGELOG.md"], re.MULTILINE)
    assert versions[0] == pim.__version__
