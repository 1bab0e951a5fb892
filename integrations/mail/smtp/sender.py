"""Hands mail to an SMTP server, one connection per mail.

Source: RFC 5321 (SMTP), RFC 3463 (enhanced status codes), https://aiosmtplib.readthedocs.io
"""

from __future__ import annotations

import contextlib
import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NoReturn

import aiosmtplib
from aiosmtplib import SMTPResponseException

from integrations.errors import IntegrationError, NotAuthorized, RateLimited, Refused, Unavailable
from integrations.mail.interface import Accepted, MaybeAccepted, OutgoingMail, RefusedRecipient
from integrations.mail.smtp.compose import compose, needs_utf8

SYSTEM = "mail"
BETWEEN_MAILS = timedelta(minutes=1)
"""How long to wait where a server asks for fewer mails; SMTP has no way to say it exactly."""

GOODBYE_SECONDS = 1.0

_LOGIN_CODES = (530, 534, 535, 538)
_POLICY_FOR_NOW = re.compile(r"\b4\.7\.\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where the server is and how to speak to it."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = None
    timeout: timedelta = timedelta(seconds=8)
    """For each step; a mail has about five, and the action that sends it thirty seconds."""
    certificates: str | None = None
    """File with certificate authorities; None takes those of the machine."""


class SmtpSender:
    """`MailSender` over SMTP."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    async def send(self, mail: OutgoingMail) -> Accepted:
        """See `MailSender.send`."""
        content = compose(mail)
        client = await self._connect()
        try:
            accepted, refused = await self._offer(client, mail, len(content))
            await self._hand_over(client, content)
            # The mail is taken; a farewell that goes wrong changes nothing.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=GOODBYE_SECONDS)
        finally:
            client.close()
        return Accepted(mail.message_id, tuple(accepted), tuple(refused))

    async def _connect(self) -> aiosmtplib.SMTP:
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.timeout.total_seconds(),
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            cert_bundle=settings.certificates,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
            if settings.user is not None:
                await client.login(settings.user, settings.password or "")
        except ssl.SSLCertVerificationError as error:
            client.close()
            raise NotAuthorized(
                SYSTEM, f"the certificate of {self._place} is not trusted: {error.verify_message}"
            ) from error
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            _raise(error)
        except aiosmtplib.SMTPNotSupported as error:
            client.close()
            raise NotAuthorized(SYSTEM, f"{self._place}: {error}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise Unavailable(SYSTEM, f"{self._place} does not answer: {_named(error)}") from error
        return client

    async def _offer(
        self, client: aiosmtplib.SMTP, mail: OutgoingMail, size: int
    ) -> tuple[list[str], list[RefusedRecipient]]:
        """Name sender and recipients; a refused recipient does not stop the others."""
        options = [f"SIZE={size}"] if client.supports_extension("size") else []
        if needs_utf8(mail):
            if not client.supports_extension("smtputf8"):
                raise Refused(SYSTEM, f"{self._place} takes no addresses beyond ASCII")
            options.append("SMTPUTF8")
        encoding = "utf-8" if needs_utf8(mail) else "ascii"
        accepted: list[str] = []
        refused: list[RefusedRecipient] = []
        last: SMTPResponseException | None = None
        try:
            await client.mail(mail.sender, options=options, encoding=encoding)
            for address in mail.recipients:
                try:
                    await client.rcpt(address, encoding=encoding)
                    accepted.append(address)
                except SMTPResponseException as error:
                    reason = f"{error.code} {error.message}"
                    refused.append(RefusedRecipient(address, reason, lasting=error.code >= 500))
                    # Where one of them may be taken later, later is the answer for all of them.
                    if last is None or error.code < 500:
                        last = error
        except SMTPResponseException as error:
            _raise(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(SYSTEM, f"{self._place} broke off: {_named(error)}") from error
        if last is not None and not accepted:
            _raise(last)
        return accepted, refused

    async def _hand_over(self, client: aiosmtplib.SMTP, content: bytes) -> None:
        try:
            await client.data(content)
        except SMTPResponseException as error:
            _raise(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MaybeAccepted(
                SYSTEM, f"{self._place} broke off while it took the mail: {_named(error)}"
            ) from error

    @property
    def _place(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"


def _raise(error: SMTPResponseException) -> NoReturn:
    """The kind of error that a reply of the server means."""
    detail = f"{error.code} {error.message}"
    kind: type[IntegrationError]
    if error.code in _LOGIN_CODES:
        kind = NotAuthorized
    elif error.code >= 500:
        kind = Refused
    elif _POLICY_FOR_NOW.search(error.message):
        raise RateLimited(SYSTEM, detail, retry_after=BETWEEN_MAILS) from error
    else:
        kind = Unavailable
    raise kind(SYSTEM, detail) from error


def _named(error: Exception) -> str:
    return str(error) or type(error).__name__
