"""`caseway schema`: JSON Schemas with which editors complete and explain."""

from __future__ import annotations

import json

import click

KINDS = ("definition", "rehearsal", "organization", "form", "texts")


@click.command(short_help="Print a JSON Schema for editors.")
@click.argument("kind", type=click.Choice(KINDS), default="definition", required=False)
def command(kind: str) -> int:
    """Print the JSON Schema of a kind of file, from which editors complete keys and show help.

    KIND is definition (the default), rehearsal, organization, form, or texts (of a form in another
    language). `caseway validate` uses the same descriptors and knows more: names, types, sense.
    """
    from language.editor_schemas import SCHEMAS

    click.echo(json.dumps(SCHEMAS[kind](), ensure_ascii=False, indent=1))
    return 0
