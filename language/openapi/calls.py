"""The documents that calls of a definition name, each read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.elsewhere import LoginUnusable, login_of
from language.openapi.document import Document, DocumentUnusable
from language.openapi.operation import operation_of
from language.resources import ResourceLater, ResourceMissing, is_address
from language.templates import is_expression

if TYPE_CHECKING:
    from language.draft import Draft
    from language.source import Node
    from language.tree import TaskNode


def endpoint_of(task: TaskNode) -> Node | None:
    """Where the call says that its document is."""
    given = task.node.get("with")
    document = given.get("document") if given is not None else None
    return document.get("endpoint") if document is not None else None


def operation_id(task: TaskNode) -> Node | None:
    """The operation's id; None where it is no text that stands here."""
    given = task.node.get("with")
    name = given.get("operationId") if given is not None else None
    return None if name is None or not name.text or is_expression(name.text) else name


def document_of(draft: Draft, task: TaskNode) -> Document | None:
    """The document of a call; None where the call names none in a way that could be read.

    Raises:
        ResourceLater: it, or one that it refers to, is fetched when the definition is published.
        ResourceMissing, DocumentUnusable: it cannot be had, or says nothing that can be called.
    """
    endpoint = endpoint_of(task)
    uri = endpoint.get("uri") if endpoint is not None and endpoint.entries else endpoint
    if uri is None or not uri.text or is_expression(uri.text):
        return None
    try:
        login = login_of(endpoint, draft.part("use", "authentications"))
    except LoginUnusable as error:
        raise ResourceMissing(str(error)) from error
    resource = draft.elsewhere.text(uri.text, draft.base, login)
    known: dict[str, Any] = draft.cache.setdefault("openapi", {})
    found = known.get(resource.address)
    if found is None:
        base = resource.address

        def read(address: str) -> str:
            # A login is for one address: what it refers to may be anybody's.
            return draft.elsewhere.text(address, base if is_address(base) else "", {}).text

        found = known[resource.address] = Document(resource.text, base, read)
    assert isinstance(found, Document)
    return found


def known_operation(draft: Draft, task: TaskNode) -> dict[str, Any] | None:
    """What a plan keeps of a call's operation; None where it is not known."""
    name = operation_id(task)
    try:
        document = document_of(draft, task)
        if document is None or name is None:
            return None
        return operation_of(document, name.text or "")
    except (KeyError, DocumentUnusable, ResourceLater, ResourceMissing):
        return None
