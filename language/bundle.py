"""Bundles: a published definition with everything that its cases need, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from language.digest import digest
from language.plan import ENGINE_SEMANTICS, Plan
from language.plan_codec import pack_plan, plan_from_json, plan_to_json

FORMAT = 1
"""Number of the stored form."""


@dataclass(frozen=True)
class Bundle:
    """A definition under one name and version.

    `source` is the text of the definition, `forms` form name -> JSON of the plan's form,
    `messages` message name -> language -> text of the template.
    """

    name: str
    namespace: str
    version: str
    plan: Plan
    source: str
    forms: Mapping[str, Any] = field(default_factory=dict)
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Functions and schemas of other files and addresses: address -> {digest, text}."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that a case can see of the bundle."""
        return digest(self._content())

    @cached_property
    def content_digest(self) -> str:
        """The digest without the version: equal for equal content published under two versions.

        Development versions are told apart by it: unchanged content needs no new one.
        """
        content = self._content()
        unversioned = {**content["plan"], "version": ""}
        return digest({**content, "version": "", "plan": unversioned, "source": ""})

    @cached_property
    def pinned(self) -> dict[str, Any]:
        """What a case keeps in its history: {name, version, digest, plan, semantics}.

        The last one is the level of the interpreter that the case starts with and keeps.
        """
        return {
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "plan": pack_plan(self.plan),
            "semantics": ENGINE_SEMANTICS,
        }

    def under_version(self, version: str) -> Bundle:
        """The same content under another version, as development versions are published."""
        return replace(self, version=version, plan=replace(self.plan, version=version))

    def to_json(self) -> dict[str, Any]:
        """The bundle as a store keeps it, its digest included."""
        return {**self._content(), "digest": self.digest}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Bundle:
        """The bundle that `to_json` wrote.

        Raises:
            PlanFormatUnknown: Its plan has another format.
        """
        return cls(
            name=data["name"],
            namespace=data["namespace"],
            version=data["version"],
            plan=plan_from_json(data["plan"]),
            source=data["source"],
            forms=data["forms"],
            messages=data["messages"],
            resources=data.get("resources", {}),
        )

    def _content(self) -> dict[str, Any]:
        # Left out where there are none: bundles of before keep their digests.
        more = (
            {"resources": {k: dict(v) for k, v in self.resources.items()}} if self.resources else {}
        )
        return {
            **more,
            "format": FORMAT,
            "name": self.name,
            "namespace": self.namespace,
            "version": self.version,
            "plan": plan_to_json(self.plan),
            "source": self.source,
            "forms": dict(self.forms),
            "messages": {name: dict(texts) for name, texts in self.messages.items()},
        }
