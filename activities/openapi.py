"""`call: openapi` of the standard: an operation becomes one request of `call: http`."""

from __future__ import annotations

from dataclasses import replace

from activities.http import SYSTEM, Http
from activities.ports import Json
from activities.request import Request
from integrations.errors import Refused
from service.openapi import ParametersInvalid, request_arguments


class OpenApi:
    """Operations over the same connections and tokens as other calls."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def call(self, request: Request) -> Json:
        """Carry out an operation; see `Http.call` for what it gives and raises.

        Raises:
            Refused: a parameter that a secret is a part of does not fit.
        """
        try:
            arguments = request_arguments(request.arguments)
        except ParametersInvalid as error:
            raise Refused(SYSTEM, str(error), status=400, standard="validation") from error
        return await self._http.call(replace(request, arguments=arguments))
