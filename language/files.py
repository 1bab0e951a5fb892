"""The only module of the language that opens files: definition folders, the organization, paths."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from language.compile import check_definition, compile_definition
from language.draft import EMPTY
from language.findings import Finding, has_errors, in_order
from language.organization import Organization, merge_files
from language.rehearsals_file import check_rehearsal
from language.resources import Resource, ResourceLater, ResourceMissing, is_address
from language.source import MAX_CHARACTERS, read_source

if TYPE_CHECKING:
    from language.bundle import Bundle
    from language.checks.rota import Cover
    from language.draft import Draft
    from language.plan import Plan

DEFINITION = "process.yaml"
_MESSAGE = re.compile(r"(?P<name>.+)\.(?P<language>[a-z]{2,3}(-[A-Za-z]{2,8})*)\.md\Z")
_NAME = re.compile(r"[A-Za-z0-9-]+\Z")
_YAML = (".yaml", ".yml")
_PARTS = ("forms", "messages", "functions", "schemas")
"""Folders whose files are parts of definitions."""

Fetch = Callable[[str, Mapping[str, str]], Resource]
"""Reads the document at an address, with headers of a login; raises `ResourceMissing`."""


class Compiled(NamedTuple):
    """What came of one definition: its plan and bundle when it has no errors, and the findings.

    `texts` has the text of every file that findings may quote.
    """

    file: Path
    findings: tuple[Finding, ...]
    texts: dict[str, str]
    plan: Plan | None = None
    bundle: Bundle | None = None


class Checked(NamedTuple):
    """Everything that `caseway validate` found under some paths.

    `draft` is the definition when it was one alone, without errors.
    """

    findings: tuple[Finding, ...]
    texts: dict[str, str]
    files: int
    draft: Draft | None = None


class _Reader:
    """Reads text files and keeps what findings may quote."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.findings: list[Finding] = []

    def read(self, path: Path) -> str | None:
        name = str(path)
        try:
            if path.stat().st_size > 4 * MAX_CHARACTERS:
                self._say(
                    name, "the file is too large", "A definition has at most 1,000,000 characters."
                )
                return None
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self._say(name, "the file is not UTF-8 text", "Save it in the encoding UTF-8.")
            return None
        except OSError as error:
            self._say(name, f"the file cannot be read: {error.strerror}", "")
            return None
        self.texts[name] = text
        return text

    def _say(self, file: str, message: str, hint: str) -> None:
        self.findings.append(Finding("CW117", file, 1, 1, message, hint))


class _Beside:
    """Documents that a definition names: files near it, and what is fetched for it."""

    def __init__(self, folder: Path, fetch: Fetch | None) -> None:
        self._folder = folder
        self._fetch = fetch
        self.texts: dict[str, str] = {}
        """What findings may quote, by the file's name in them."""
        self.used: dict[str, Resource] = {}

    def read(self, address: str, login: Mapping[str, str]) -> Resource:
        """As `Resources`; a file lies in the definition's folder or in one beside it."""
        resource = self._fetched(address, login) if is_address(address) else self._file(address)
        self.texts[resource.file] = resource.text
        self.used[address] = resource
        return resource

    def _fetched(self, address: str, login: Mapping[str, str]) -> Resource:
        if self._fetch is None:
            raise ResourceLater
        return self._fetch(address, login)._replace(file=address)

    def _file(self, address: str) -> Resource:
        path = self._folder / address
        if not path.resolve().is_relative_to(self._folder.resolve().parent):
            # Whoever edits a definition must not read what else lies on the machine that publishes.
            raise ResourceMissing(
                f"{address} lies outside of the folder that holds the definition's own"
            )
        reader = _Reader()
        text = reader.read(path)
        if text is None:
            raise ResourceMissing(f"{address}: {reader.findings[0].message}")
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return Resource(address, text, digest, str(path))


class _Folder(NamedTuple):
    """The files of one definition."""

    file: Path
    reader: _Reader
    text: str | None
    forms: dict[str, tuple[str, str]]
    messages: dict[str, dict[str, tuple[str, str]]]


def _read_folder(path: Path) -> _Folder:
    file = path / DEFINITION if path.is_dir() else path
    reader = _Reader()
    text = reader.read(file)
    forms: dict[str, tuple[str, str]] = {}
    messages: dict[str, dict[str, tuple[str, str]]] = {}
    # Without a folder of its own a file has nothing beside it: forms of one are not another's.
    if text is not None and file.name == DEFINITION:
        for each in _yaml_files(file.parent / "forms"):
            content = reader.read(each)
            if content is not None:
                forms[each.name.rsplit(".", 1)[0]] = (content, str(each))
        for each in sorted((file.parent / "messages").glob("*.md")):
            found = _MESSAGE.match(each.name)
            content = reader.read(each)
            if found and content is not None:
                messages.setdefault(found["name"], {})[found["language"]] = (content, str(each))
    return _Folder(file, reader, text, forms, messages)


class _SchemasBeside(Mapping[str, Any]):
    """Schemas of the inputs or outputs of the definitions beside one, each read when asked for."""

    def __init__(self, file: Path, part: str) -> None:
        self._part = part
        self._folder = file.resolve().parent.parent if file.name == DEFINITION else None
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            self._read[name] = self._schema(name)
        if self._read[name] is None:
            raise KeyError(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        folders = definition_folders(self._folder) if self._folder else ()
        return iter(each.name for each in folders)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _schema(self, name: str) -> Any:
        file = self._folder / name / DEFINITION if self._folder else None
        if file is None or not _NAME.match(name) or not file.is_file():
            return None
        text = _Reader().read(file)
        root = read_source(text, str(file)).root if text is not None else None
        given = root.get(self._part) if root is not None else None
        schema = given.get("schema") if given is not None else None
        document = schema.get("document") if schema is not None else None
        return None if document is None else document.value


def check_folder(
    path: Path, organization: Organization | None = None, known: Sequence[str] | None = None
) -> Checked:
    """Say what is wrong with a definition folder, or with one definition file; nothing is fetched."""
    folder = _read_folder(path)
    beside = _Beside(folder.file.parent, None)
    findings = list(folder.reader.findings)
    draft: Draft | None = None
    if folder.text is not None:
        draft, found = check_definition(
            folder.text,
            str(folder.file),
            forms=folder.forms,
            messages=folder.messages,
            organization=organization,
            known=known,
            inputs=_SchemasBeside(folder.file, "input"),
            outputs=_SchemasBeside(folder.file, "output"),
            resources=beside,
        )
        findings += found
        if draft is not None:
            findings += name_findings(folder.file, draft.name, folder.text)
    texts = folder.reader.texts | beside.texts
    return Checked(in_order(findings), texts, len(texts), draft)


def compile_folder(
    path: Path,
    organization: Organization | None = None,
    known: Sequence[str] | None = None,
    fetch: Fetch | None = None,
) -> Compiled:
    """Compile `process.yaml` of a definition folder, or one definition file, with what lies beside.

    Args:
        path: The folder, or the file itself.
        organization: Where names are looked up; None leaves them be.
        known: Names of all definitions; None leaves references to them be.
        fetch: Reads addresses; without it a definition that names one has no plan.
    """
    # Imported late: `caseway validate` needs no plan and starts faster without its many classes.
    from language.bundle import Bundle  # noqa: PLC0415
    from language.plan_codec import plan_to_json  # noqa: PLC0415

    folder = _read_folder(path)
    beside = _Beside(folder.file.parent, fetch)
    if folder.text is None:
        return Compiled(folder.file, tuple(folder.reader.findings), folder.reader.texts)
    plan, findings = compile_definition(
        folder.text,
        str(folder.file),
        forms=folder.forms,
        messages=folder.messages,
        organization=organization,
        known=known,
        inputs=_SchemasBeside(folder.file, "input"),
        outputs=_SchemasBeside(folder.file, "output"),
        resources=beside,
    )
    texts = folder.reader.texts | beside.texts
    names = [] if plan is None else name_findings(folder.file, plan.name, folder.text)
    findings = in_order([*folder.reader.findings, *findings, *names])
    if plan is None or has_errors(findings):
        return Compiled(folder.file, findings, texts)
    bundle = Bundle(
        name=plan.name,
        namespace=plan.namespace,
        version=plan.version,
        plan=plan,
        source=folder.text,
        forms=plan_to_json(plan).get("forms", {}),
        messages={
            name: {language: content for language, (content, _) in texts.items()}
            for name, texts in folder.messages.items()
        },
        resources={
            address: {"digest": each.digest, "text": each.text}
            for address, each in sorted(beside.used.items())
        },
    )
    return Compiled(folder.file, findings, texts, plan, bundle)


def name_findings(file: Path, name: str, text: str) -> list[Finding]:
    """A definition is found by its folder, so both have one name."""
    folder = file.resolve().parent.name
    if file.name != DEFINITION or name == folder:
        return []
    root = read_source(text, str(file)).root
    place = ((root and root.get("document")) or EMPTY).get("name")
    return [
        Finding(
            "CW111",
            str(file),
            place.line if place else 1,
            place.column if place else 1,
            f'the definition is named "{name}" and its folder "{folder}"',
            "Both must be the same: a definition is found by its folder.",
        )
    ]


def read_organization(
    folder: Path, cover: Cover | None = None
) -> tuple[Organization, tuple[Finding, ...]]:
    """Read `definitions/organization`: the merged document and what is wrong with its files.

    `cover` says when nobody is on call, as of a day; without it gaps in rotas are not looked for.
    """
    organization, findings, _ = _read_organization(folder, cover)
    return organization, findings


def _read_organization(
    folder: Path, cover: Cover | None = None
) -> tuple[Organization, tuple[Finding, ...], dict[str, str]]:
    reader = _Reader()
    files = []
    for path in (
        *_yaml_files(folder),
        *_yaml_files(folder / "calendars"),
        *_yaml_files(folder / "tables"),
    ):
        text = reader.read(path)
        if text is not None:
            files.append((text, str(path), path.stem))
    organization, findings = merge_files(files, cover)
    return organization, in_order([*reader.findings, *findings]), reader.texts


def definition_folders(folder: Path) -> tuple[Path, ...]:
    """All folders below one that hold a definition, by name."""
    return tuple(sorted(each.parent for each in folder.glob(f"**/{DEFINITION}")))


def find_organization(path: Path) -> Path | None:
    """The organization folder that a definition belongs to: `organization` beside its folder."""
    for parent in (path if path.is_dir() else path.parent, *path.resolve().parents[:4]):
        if parent.name == "organization" and parent.is_dir():
            return parent
        if (parent / "organization").is_dir():
            return parent / "organization"
    return None


def check_paths(paths: Sequence[Path], cover: Cover | None = None) -> Checked:
    """Check definitions, rehearsals and organization files under paths.

    `cover` is that of `read_organization`.

    Raises:
        FileNotFoundError: A path is not there; its first argument is the path.
    """
    findings: list[Finding] = []
    texts: dict[str, str] = {}
    organizations: dict[Path | None, Organization | None] = {None: None}
    drafts: dict[Path, Draft | None] = {}
    files = 0

    def organization_of(path: Path) -> Organization | None:
        folder = find_organization(path)
        if folder not in organizations:
            organizations[folder] = read_organization(folder)[0] if folder else None
        return organizations[folder]

    names: dict[Path, tuple[str, ...]] = {}

    def known_to(file: Path) -> tuple[str, ...] | None:
        """Names of all definitions, looked for once for all that lie in one folder."""
        if file.name != DEFINITION:
            return None
        folder = file.resolve().parent.parent
        if folder not in names:
            names[folder] = _known(file) or ()
        return names[folder]

    def draft_of(folder: Path) -> Draft | None:
        """The definition that a rehearsal is about; its own findings are shown where it is asked for."""
        if folder not in drafts:
            file = folder / DEFINITION
            drafts[folder] = (
                check_folder(file, organization_of(file), known_to(file)).draft
                if file.is_file()
                else None
            )
        return drafts[folder]

    for path in _targets(paths):
        if path.is_dir():
            organization, found, quoted = _read_organization(path, cover)
            organizations[path] = organization
            files += len(quoted)
        elif path.parent.name == "rehearsals":
            reader = _Reader()
            text = reader.read(path)
            found = tuple(reader.findings)
            if text is not None:
                found = check_rehearsal(text, str(path), draft_of(path.parent.parent))[1]
            quoted = reader.texts
            files += 1
        else:
            checked = check_folder(path, organization_of(path), known_to(path))
            found, quoted = checked.findings, checked.texts
            if path.name == DEFINITION:
                drafts[path.parent] = checked.draft
            files += len(quoted)
        findings += found
        texts |= quoted
    return Checked(in_order(findings), texts, files)


def _known(file: Path) -> tuple[str, ...] | None:
    """Names of the definitions beside this one; None for a file outside of a definition folder."""
    if file.name != DEFINITION:
        return None
    return tuple(each.name for each in definition_folders(file.resolve().parent.parent))


def _targets(paths: Sequence[Path]) -> Iterator[Path]:
    """Organization folders, definition files and rehearsal files, each once, in order."""
    seen: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(str(path))
        for each in _targets_of(path):
            if each.resolve() not in seen:
                seen[each.resolve()] = None
                yield each


def _targets_of(path: Path) -> Iterator[Path]:
    if path.is_file():
        parents = [path.parent, *path.parent.parents][:2]
        for parent in parents:
            if parent.name == "organization":
                yield parent
                return
        if path.parent.name in _PARTS and (path.parent.parent / DEFINITION).is_file():
            yield path.parent.parent / DEFINITION
            return
        yield path
        return
    if path.name == "organization":
        yield path
        return
    if path.name in _PARTS and not (path / DEFINITION).is_file():
        # What several definitions share is checked with each that uses it.
        if (path.parent / DEFINITION).is_file():
            yield path.parent / DEFINITION
        return
    for each in sorted(path.iterdir()):
        if each.name.startswith("."):
            continue
        if each.is_dir() or each.suffix in _YAML:
            yield from _targets_of(each)


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if each.suffix in _YAML)
