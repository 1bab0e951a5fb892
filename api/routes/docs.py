"""The API's documentation for people, made from the OpenAPI document; it needs no other site."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.pages.render import page
from api.pages.texts import ENGLISH

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def show_documentation(request: Request) -> HTMLResponse:
    """Every operation with what it does, what it takes and what it answers."""
    document = request.app.openapi()
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "text": operation.get("description") or operation.get("summary", ""),
            "parameters": [
                each["name"] for each in operation.get("parameters", ()) if each["in"] != "path"
            ],
            "statuses": sorted(status for status in operation["responses"] if status != "4XX"),
            "open": "security" not in operation,
        }
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return page(
        "docs.html",
        ENGLISH,
        title=f"{document['info']['title']} {document['info']['version']}: HTTP API",
        operations=operations,
    )
