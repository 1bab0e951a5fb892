"""Where a definition's references lead."""

from __future__ import annotations

import pytest

from language.resources import (
    absolute,
    in_catalog,
    is_address,
    is_file,
    machine_readable,
    short_name,
)

RAW = "https://raw.githubusercontent.com/acme/flows"


@pytest.mark.parametrize(
    ("address", "raw"),
    [
        ("https://github.com/acme/flows/tree/main/functions/log/1.0.0/function.yaml",
         f"{RAW}/main/functions/log/1.0.0/function.yaml"),
        ("https://github.com/acme/flows/blob/v2/a.yaml", f"{RAW}/v2/a.yaml"),
        ("https://github.com/acme/flows/functions/log/1.0.0/function.yaml",
         f"{RAW}/HEAD/functions/log/1.0.0/function.yaml"),
        ("https://github.com/acme/flows/validateEmailAddress@v1.0.0",
         f"{RAW}/v1.0.0/validateEmailAddress/function.yaml"),
        ("https://gitlab.com/acme/group/flows/-/tree/main/a.yaml",
         "https://gitlab.com/acme/group/flows/-/raw/main/a.yaml"),
        ("https://example.org/tree/main/a.yaml", "https://example.org/tree/main/a.yaml"),
        (f"{RAW}/main/a.yaml", f"{RAW}/main/a.yaml"),
    ],
)  # fmt: skip
def test_pages_about_a_document_become_the_document(address: str, raw: str) -> None:
    """The standard wants the addresses of Git repositories that people copy from their browser."""
    assert machine_readable(address) == raw


def test_a_catalog_has_the_structure_of_the_standard() -> None:
    """Name and version are folders below `functions`."""
    assert in_catalog("https://github.com/acme/flows/tree/main/", "log", "1.0.0") == (
        "https://github.com/acme/flows/tree/main/functions/log/1.0.0/function.yaml"
    )


@pytest.mark.parametrize(
    ("reference", "base", "whole"),
    [
        ("functions/a.yaml", "process.yaml", "functions/a.yaml"),
        ("./b.yaml", "functions/a.yaml", "functions/b.yaml"),
        ("../shared/b.yaml", "process.yaml", "../shared/b.yaml"),
        ("./b.yaml", "https://example.org/x/a.yaml", "https://example.org/x/b.yaml"),
        ("https://example.org/b.yaml", "functions/a.yaml", "https://example.org/b.yaml"),
    ],
)
def test_references_are_relative_to_the_document_in_which_they_stand(
    reference: str, base: str, whole: str
) -> None:
    """A function names files beside itself, not beside whoever calls it."""
    assert absolute(reference, base) == whole


@pytest.mark.parametrize(
    ("name", "file", "address"),
    [
        ("notify", False, False),
        ("work-item:1.0.0@default", False, False),
        ("ticket.create", False, False),
        ("./greet", True, False),
        ("functions/greet.yaml", True, False),
        ("greet.json", True, False),
        ("https://example.org/greet.yaml", False, True),
        ("file:///etc/passwd", False, True),
    ],
)
def test_the_name_of_a_function_says_where_it_is(name: str, file: bool, address: bool) -> None:
    """Files by their form, addresses by their scheme; all others are names of catalogs."""
    assert (is_file(name), is_address(name)) == (file, address)


def test_a_document_has_a_short_name() -> None:
    """For keys and summaries, which whole addresses would make unreadable."""
    assert short_name("https://example.org/functions/log/1.0.0/function.yaml") == "log/1.0.0"
    assert short_name("../shared/greet.yaml") == "greet"
