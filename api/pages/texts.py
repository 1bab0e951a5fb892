"""What the pages behind links say, in the languages of the people who get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ENGLISH = "en"
TRADITIONAL_CHINESE = "zh-TW"

TEXTS: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        "due": "Please answer by",
        "required": "required",
        "choose": "Choose one",
        "about": "About",
        "correct": "Please correct this:",
        "thanks.title": "Thank you",
        "thanks.text": "Your answer has been recorded. You can close this page.",
        "done.title": "This has been answered",
        "done.text": "Somebody has answered already; nothing more is needed.",
        "late.title": "This is no longer open",
        "late.text": "The time for an answer is over, or the answer is not needed any more.",
        "expired.title": "This link has expired",
        "expired.text": "Links work for a limited time. Please reply to the mail that you got.",
        "invalid.title": "This link does not work",
        "invalid.text": "It may be incomplete. Open it from the mail again, or reply to the mail.",
        "wait.title": "Please try again in a moment",
        "wait.text": "Your answer could not be confirmed. Sending it again does no harm.",
        "comment": "Comment",
        "version": "Version",
        "files": "Files, attached to the mail",
        "instead": "You vote in place of",
        "instead-of": "in place of",
        "votes": "Votes so far",
        "not-voted": "Not voted yet",
        "approve": "approves",
        "reject": "rejects",
        "missing": "Please fill in this field.",
        "number": "Please write a number.",
        "whole": "Please write a whole number.",
        "choice": "Please choose one of the offered values.",
    },
    TRADITIONAL_CHINESE: {
        "due": "請於此時間前回覆",
        "required": "必填",
        "choose": "請選擇",
        "about": "關於",
        "correct": "請更正以下內容:",
        "thanks.title": "謝謝您",
        "thanks.text": "您的回覆已記錄,可以關閉此頁面。",
        "done.title": "此事項已有回覆",
        "done.text": "已有人回覆,無需再處理。",
        "late.title": "此事項已不再開放",
        "late.text": "回覆期限已過,或已不需要回覆。",
        "expired.title": "此連結已過期",
        "expired.text": "連結僅在一定期間內有效,請直接回覆您收到的郵件。",
        "invalid.title": "此連結無法使用",
        "invalid.text": "連結可能不完整,請從郵件中重新開啟,或直接回覆郵件。",
        "wait.title": "請稍後再試",
        "wait.text": "尚無法確認您的回覆,重新送出不會造成影響。",
        "comment": "意見",
        "version": "版本",
        "files": "附件（隨郵件寄送）",
        "instead": "您代為表決的成員",
        "instead-of": "代",
        "votes": "目前的表決",
        "not-voted": "尚未表決",
        "approve": "同意",
        "reject": "不同意",
        "missing": "請填寫此欄位。",
        "number": "請輸入數字。",
        "whole": "請輸入整數。",
        "choice": "請選擇所提供的選項。",
    },
}


def language_of(*wishes: str | None) -> str:
    """The first wish that we have texts for; English without one.

    A wish is a language tag or an `Accept-Language` header; any Chinese gets the one we have.
    """
    for wish in wishes:
        for part in (wish or "").split(","):
            tag = part.partition(";")[0].strip().lower()
            if tag == "zh" or tag.startswith("zh-"):
                return TRADITIONAL_CHINESE
            if tag == "en" or tag.startswith("en-"):
                return ENGLISH
    return ENGLISH


def chosen(text: Any, language: str) -> str:
    """A text that may be given per language: `{en: ..., zh-TW: ...}` or plain."""
    if isinstance(text, Mapping):
        found = text.get(language) or text.get(ENGLISH) or next(iter(text.values()), "")
        return str(found)
    return "" if text is None else str(text)
