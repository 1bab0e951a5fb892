"""A mail as bytes, in the shape that every server and reader understands."""

from __future__ import annotations

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from integrations.errors import Refused
from integrations.mail.interface import OutgoingMail

_IDENTIFIERS = frozenset({"message-id", "in-reply-to", "references"})


class _Policy(EmailPolicy):
    """SMTP's rules, with Message-IDs left whole.

    The standard policy encodes an identifier that is longer than a line, and no reader finds the
    thread of an encoded identifier.
    """

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _IDENTIFIERS:
            return f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _IDENTIFIERS:
            return self.fold(name, value).encode("ascii", "surrogateescape")
        return super().fold_binary(name, value)


# Bodies in seven bits: a relay without 8BITMIME would otherwise refuse or garble them.
_SEVEN_BIT = _Policy(linesep="\r\n", cte_type="7bit")
_WITH_UTF8_ADDRESSES = _Policy(linesep="\r\n", cte_type="7bit", utf8=True)


def needs_utf8(mail: OutgoingMail) -> bool:
    """Whether an address has characters that only SMTPUTF8 can carry."""
    addresses = (mail.sender, *mail.recipients, mail.reply_to or "")
    return not all(address.isascii() for address in addresses)


def compose(mail: OutgoingMail) -> bytes:
    """The mail with CRLF line ends: text, HTML beside it, attachments after it.

    Raises:
        Refused: an address or a header that cannot stand in a mail.
    """
    message = EmailMessage(policy=_WITH_UTF8_ADDRESSES if needs_utf8(mail) else _SEVEN_BIT)
    try:
        message["Message-ID"] = mail.message_id
        message["Date"] = format_datetime(mail.at)
        message["From"] = Address(mail.sender_name, addr_spec=mail.sender)
        message["To"] = [Address(addr_spec=each) for each in mail.to]
        if mail.cc:
            message["Cc"] = [Address(addr_spec=each) for each in mail.cc]
        if mail.reply_to:
            message["Reply-To"] = Address(addr_spec=mail.reply_to)
        if mail.in_reply_to:
            message["In-Reply-To"] = mail.in_reply_to
        if mail.references:
            message["References"] = " ".join(mail.references)
        message["Subject"] = mail.subject
        for name, value in mail.headers:
            message[name] = value
        message.set_content(mail.text)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html")
        for file in mail.attachments:
            main, _, sub = file.content_type.partition("/")
            message.add_attachment(
                file.content,
                maintype=main or "application",
                subtype=sub or "octet-stream",
                filename=file.name,
            )
        return message.as_bytes()
    except (ValueError, HeaderParseError, IndexError) as error:
        # IndexError: the standard library's parser on an address such as "a@".
        raise Refused("mail", f"the mail cannot be written: {error}") from error
