"""What is taken out of URLs, headers and bodies before they reach an error, a log or a hook.

The service sends secrets in plain fields (BEHAVIOUR.md, Rules of single resources), answers may echo what was sent,
and an answer may be cut anywhere. So bodies are not parsed but searched, for values that stand behind a secret's name
in JSON, XML, a query string or a header, and for texts that give themselves away (`Basic ...`, a session's id). A name
is a secret's if it holds one of a few words; that hides a harmless `token_count` now and then, which is the cheaper
mistake. Only the values go: the names stay, since they say what went wrong.

The texts come from outside, so every pattern takes linear time: names are bounded in length, and whatever may run on
either ends at the first character of another kind or cannot fail once it began.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote_plus

__all__ = ["redact_body", "redact_headers", "redact_url"]

_MASK: Final = "***"
_WORDS: Final = (
    "token|secret|passw|passphrase|signature|credential|api[-_]?key|access[-_]?key|private[-_]?key|authorization"
    "|session[-_]?id|x-session|cookie|user_hash"
)
_SIGNS: Final = (  # one of them is in every secret's name; most long bodies hold none, and looking is cheap
    *("token", "secret", "pass", "signature", "credential", "key", "authorization", "session", "cookie"),
    *("user_hash", "op_", "permalink", "pdf_link"),
)
_NAME: Final = rf"(?:op_[\w-]{{1,60}}|[\w-]{{0,40}}(?:{_WORDS})[\w-]{{0,40}}|permalink|pdf_link)"
_FLAGS: Final = re.IGNORECASE | re.DOTALL

# Values may be cut off by the end of the text. `true`, `false` and `null` give nothing away.
_JSON: Final = re.compile(
    rf'("{_NAME}"\s*:\s*)'
    r'(?:"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|\[[^\]]*(?:\]|\Z)|\{[^}]*(?:\}|\Z)|-?[\d.]+(?:e[-+]?\d+)?)',
    _FLAGS,
)
_JSON_ESCAPED: Final = re.compile(rf'((?<!\\)\\{{1,8}}"{_NAME}\\{{1,8}}"\s*:\s*)\\{{1,8}}"[^"]*(?:"|\Z)', _FLAGS)
_JSON_SESSION: Final = re.compile(r'("id"\s*:\s*)"[\w-]{16,}(?:"|\Z)', _FLAGS)
_HTML_QUOTED: Final = re.compile(rf"(&quot;{_NAME}&quot;\s*:\s*)&quot;.*?(?:&quot;|\Z)", _FLAGS)
_XML: Final = re.compile(rf"(<((?:\w{{1,20}}:)?{_NAME})(?:\s[^<>]*)?>).*?(</\2\s*>|\Z)", _FLAGS)
_XML_SESSION: Final = re.compile(r"(<id>)\s*[\w-]{16,}\s*(</id>|\Z)", _FLAGS)
_HEADER: Final = re.compile(r"\b((?:proxy-)?authorization|x-session|(?:set-)?cookie)(\s*[:=]\s*)[^\r\n<]+", _FLAGS)
_SCHEME: Final = re.compile(r"\b(basic|bearer)(\s+)[\w+/=.~-]{6,}", _FLAGS)
_GROUPED: Final = r"""\\{1,8}"[^"]*(?:"|\Z)|"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|\([^)]*(?:\)|\Z)"""
_ASSIGNED: Final = re.compile(rf"""(?<![\w-])({_NAME}\s*(?:!?=|<>|%3D)\s*)(?:{_GROUPED}|[^\s&"'<>;,()]+)""", _FLAGS)
_COMPARED: Final = re.compile(rf"(?<![\w-])({_NAME}\s+(?:not\s+)?(?:like|in)\s*)(?:{_GROUPED})", _FLAGS)
_SESSION_PATH: Final = re.compile(r"(\bsessions/)[^/?#\s\"'<>\\]+", _FLAGS)
_USERINFO: Final = re.compile(r"(://)[^/\s@\"'<>]+@", _FLAGS)

# Every request's URL is shown to hooks and logs, so one that can hold no secret must cost next to nothing. `%4` to `%7`
# begin the letters, which may spell a name.
_ORDINARY_URL: Final = re.compile(r"https?://[\w.-]+(?::\d+)?/(?:[^@#%]|%[0-38-9a-f])*+", re.IGNORECASE)
_URL_SIGNS: Final = (*_SIGNS, "sig", "auth", "hash", "policy", "code")
_SECRET_PARAMETER: Final = re.compile(rf"{_NAME}|key|sig|auth|session|hash|policy|code|awsaccesskeyid", re.IGNORECASE)
_SECRET_HEADER: Final = re.compile(rf"{_NAME}|[\w-]*(?:session|auth|api-key)[\w-]*", re.IGNORECASE)


def redact_url(url: str) -> str:
    """The URL without user information, secret parameters, fragment and session id; the rest stays as it is.

    Never raises: what is no URL is cut down until it can hold no password.
    """
    lower = url.lower()
    if _ORDINARY_URL.fullmatch(url) and not any(sign in lower for sign in _URL_SIGNS):
        return url
    head, _, query = url.partition("?")
    head = head.partition("#")[0]
    scheme, slashes, rest = head.partition("://") if "://" in head else ("", "", head)
    host = re.sub(r"\[[^\]]*\]", "", rest.partition("/")[0])
    _, colon, port = host.partition(":")
    if "@" in rest and ("@" in host or colon):
        rest = rest.rpartition("@")[2]  # a password may hold a slash
    elif port and not port.isdigit():
        return f"{scheme}{slashes}{_MASK}"  # no port, but a password that `?` or `#` has cut
    rest = _SESSION_PATH.sub(rf"\1{_MASK}", rest)
    of_sessions = rest.rstrip("/").endswith("/sessions")
    kept = [pair for pair in query.partition("#")[0].split("&") if pair]
    kept = [_parameter(pair) for pair in kept if not _is_secret(pair, of_sessions=of_sessions)]
    return f"{scheme}{slashes}{rest}{'?' if kept else ''}{'&'.join(kept)}"


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, values of secret ones masked and URLs in `Location` without secrets."""
    return {name: _header(name, value) for name, value in headers.items()}


def redact_body(text: str) -> str:
    """The text of a body, whole or cut, with the values of secrets masked."""
    lower = text.lower()
    if any(sign in lower for sign in _SIGNS):
        text = _without_named(text)
    text = _JSON_SESSION.sub(rf'\1"{_MASK}"', text)
    text = _XML_SESSION.sub(rf"\1{_MASK}\2", text)
    text = _SCHEME.sub(rf"\1\2{_MASK}", text)
    text = _SESSION_PATH.sub(rf"\1{_MASK}", text)
    return _USERINFO.sub(rf"\1{_MASK}@", text)


def _without_named(text: str) -> str:
    text = _JSON.sub(rf'\1"{_MASK}"', text)
    text = _JSON_ESCAPED.sub(rf'\1\\"{_MASK}\\"', text)
    text = _HTML_QUOTED.sub(rf"\1&quot;{_MASK}&quot;", text)
    text = _XML.sub(rf"\1{_MASK}\3", text)
    text = _HEADER.sub(rf"\1\2{_MASK}", text)
    return _without_assigned(text)


def _without_assigned(text: str) -> str:
    for pattern in (_ASSIGNED, _COMPARED):
        text = pattern.sub(rf"\1{_MASK}", text)
    return text


def _is_secret(pair: str, *, of_sessions: bool) -> bool:
    name = unquote_plus(pair.partition("=")[0])
    return bool(_SECRET_PARAMETER.fullmatch(name)) or (of_sessions and name == "where")


def _parameter(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return pair
    plain = unquote_plus(value)
    clean = _without_assigned(plain)
    return pair if clean == plain else f"{name}={quote(clean, safe='(),:/*')}"


def _header(name: str, value: str) -> str:
    if name.lower() in ("location", "content-location", "referer"):
        return redact_url(value)
    return _MASK if _SECRET_HEADER.fullmatch(name) else value
