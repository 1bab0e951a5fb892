"""The valid files that are damaged, and how a set of files is checked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from language.compile import check_definition, compile_definition
from language.digest import digest
from language.draft import Draft
from language.files import definition_folders, name_findings, read_organization
from language.findings import Finding, has_errors
from language.organization import Organization, merge_files
from language.plan_codec import plan_to_json
from language.rehearsals_file import check_rehearsal
from language.source import read_source

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT / "definitions"
PAGE = ROOT / "docs" / "first-process.md"
FOREIGN = Path(os.environ.get("CASEWAY_FOREIGN", ROOT.parent / "shared" / "foreign"))

_PROCESS = "process.yaml"
_MESSAGE = re.compile(r"messages/(?P<name>.+)\.(?P<language>[\w-]+)\.md\Z")
_FILE_OF_PAGE = re.compile(
    r"`(?P<path>[\w./-]+\.(?:yaml|md))`[^`]*?```\w+\n(?P<text>.*?)```", re.DOTALL
)

Files = Mapping[str, str]


def kind_of(file: str) -> str:
    """What a file is: definition, form, texts, rehearsal, organization or message."""
    folder = file.rpartition("/")[0].rpartition("/")[2]
    if file.endswith(".md"):
        return "message"
    if folder == "forms":
        return "form" if file.rpartition("/")[2].count(".") == 1 else "texts"
    if folder == "rehearsals":
        return "rehearsal"
    return "definition" if file.endswith(_PROCESS) or not folder else "organization"


@dataclass
class Definition:
    """A definition with what lies beside it."""

    name: str
    files: Files
    organization: Organization | None = None
    known: tuple[str, ...] | None = None
    source: str = "shipped"
    _draft: Draft | None = field(default=None, repr=False)

    @property
    def main(self) -> str:
        """The file of the process itself."""
        return next((each for each in self.files if each.endswith(_PROCESS)), self.name)

    def check(self, files: Files, changed: str | None = None) -> tuple[Finding, ...]:
        """All findings of these files; only those that a changed file can have."""
        if changed is not None and kind_of(changed) == "rehearsal":
            if self._draft is None:
                self._draft = self._checked(self.files, self.organization)[0]
            return check_rehearsal(files[changed], changed, self._draft)[1]
        return self._all(files, self.organization)

    def check_under(self, organization: Organization) -> tuple[Finding, ...]:
        """All findings under another organization."""
        return self._all(self.files, organization)

    def _all(self, files: Files, organization: Organization | None) -> tuple[Finding, ...]:
        draft, findings = self._checked(files, organization)
        found = list(findings)
        if draft is not None and self.main.endswith(_PROCESS):
            found += name_findings(Path(self.main), draft.name, files[self.main])
        for file, text in files.items():
            if kind_of(file) == "rehearsal":
                found += check_rehearsal(text, file, draft)[1]
        return tuple(found)

    def _checked(
        self, files: Files, organization: Organization | None
    ) -> tuple[Draft | None, tuple[Finding, ...]]:
        return check_definition(
            files[self.main],
            self.main,
            forms=_forms(files),
            messages=_messages(files),
            organization=organization,
            known=self.known,
            inputs=inputs(self.source),
        )

    def meaning(self, files: Files, changed: str) -> str | None:
        """What a case could see of the files, as a digest; None where they cannot be compiled."""
        if kind_of(changed) == "rehearsal":
            return digest(read_source(files[changed], changed).value)
        if kind_of(changed) == "message":
            return files[changed]
        plan, _ = compile_definition(
            files[self.main],
            self.main,
            forms=_forms(files),
            messages=_messages(files),
            organization=self.organization,
            known=self.known,
            inputs=inputs(self.source),
        )
        return None if plan is None else digest(_placeless(plan_to_json(plan)))


@dataclass
class House:
    """The organization, and the definitions that name what stands in it."""

    files: Files
    definitions: tuple[Definition, ...]
    name: str = "organization"
    source: str = "shipped"

    @property
    def main(self) -> str:
        """No file of it is a definition."""
        return ""

    def check(self, files: Files, changed: str | None = None) -> tuple[Finding, ...]:
        """Findings of the organization, and of the definitions where it is right itself."""
        organization, findings = _merged(files)
        if has_errors(findings):
            return findings
        more = [each for one in self.definitions for each in one.check_under(organization)]
        return (*findings, *more)

    def meaning(self, files: Files, changed: str) -> str | None:
        """The merged document, as a digest."""
        return _merged(files)[0].digest


Case = Definition | House


def _placeless(value: Any) -> Any:
    """A plan without the places of its expressions, which only messages about them show."""
    if isinstance(value, dict):
        return {key: _placeless(each) for key, each in value.items()}
    if isinstance(value, list):
        return value[:2] if value[:1] == ["e"] else [_placeless(each) for each in value]
    return value


def _merged(files: Files) -> tuple[Organization, tuple[Finding, ...]]:
    return merge_files([(text, file, Path(file).stem) for file, text in files.items()])


def _forms(files: Files) -> dict[str, tuple[str, str]]:
    return {
        Path(file).name.rsplit(".", 1)[0]: (text, file)
        for file, text in files.items()
        if kind_of(file) in ("form", "texts")
    }


def _messages(files: Files) -> dict[str, dict[str, tuple[str, str]]]:
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for file, text in files.items():
        match = _MESSAGE.search(file)
        if match:
            found.setdefault(match["name"], {})[match["language"]] = (text, file)
    return found


@cache
def inputs(source: str) -> Mapping[str, Any]:
    """Schemas of the inputs of the shipped definitions; those of others do not know each other."""
    if source not in ("shipped", "docs"):
        return {}
    found = {}
    for folder in definition_folders(DEFINITIONS):
        value = read_source((folder / _PROCESS).read_text(encoding="utf-8"), folder.name).value
        found[folder.name] = value["input"]["schema"]["document"]
    return found


# --- the files ----------------------------------------------------------------------------------


def shipped() -> tuple[Case, ...]:
    """The definitions of this repository, the one of docs/first-process.md, the organization."""
    organization = read_organization(DEFINITIONS / "organization")[0]
    known = (*(each.name for each in definition_folders(DEFINITIONS)), "access-request")
    found = [
        Definition(folder.name, _texts(folder), organization, known)
        for folder in definition_folders(DEFINITIONS)
    ]
    page = _page()
    if page:
        found.append(Definition("access-request", page, organization, known, "docs"))
    files = _texts(DEFINITIONS / "organization")
    return (*found, House(files, tuple(found)))


def foreign() -> Iterator[Definition]:
    """Files of others that have no errors here."""
    for folder in ("examples", "java-samples"):
        for file in sorted((FOREIGN / folder).glob("**/*.yaml")):
            text = file.read_text(encoding="utf-8")
            name = f"{folder}:{file.stem}"
            case = Definition(name, {name: text}, source=folder)
            if not has_errors(case.check(case.files)):
                yield case


def _texts(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder.parent).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.suffix in (".yaml", ".md") and file.name != "README.md"
    }


def _page() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8")
    files = {}
    for each in _FILE_OF_PAGE.finditer(text):
        path = each["path"].removeprefix("definitions/")
        files[path if "/" in path else f"access-request/{path}"] = each["text"]
    return files if any(each.endswith(_PROCESS) for each in files) else {}
