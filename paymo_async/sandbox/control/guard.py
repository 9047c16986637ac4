"""Who may reach the sandbox's control: programs of this machine, and no page that a browser shows beside it.

A page of another origin cannot send JSON without asking first, which is never granted, and names itself in `Origin`
whatever it sends. A name that an attacker lets point to this machine (DNS rebinding) is not the sandbox's own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from paymo_async.sandbox.values import Problem

__all__ = ["check_content_type", "check_host", "check_origin"]


def check_host(host: str, bound: str) -> None:
    """Raises Problem 403 unless a Host header names this machine or `bound`, the host that is served on.

    Where the sandbox serves on all addresses it is meant to be reached from elsewhere: addresses and names without a
    dot (of containers) are then its own too, since no public name leads to them.
    """
    name = _name(host)
    if name in (bound.lower(), "localhost") or name.endswith(".localhost") or _loopback(name):
        return
    if _anywhere(bound) and (_address(name) is not None or (name and "." not in name)):
        return
    raise Problem(403, f"The sandbox is not {name or 'a host without a name'}: ask for localhost or {bound}")


def check_origin(headers: Mapping[str, str]) -> None:
    """Raises Problem 403 for what a page of another origin sends."""
    if headers.get("Sec-Fetch-Site") == "same-origin":  # a browser's own word, right also behind a proxy with TLS
        return
    origin = headers.get("Origin")
    if origin is not None and origin != f"http://{headers.get('Host', '')}":
        raise Problem(403, f"A page of {origin} may not reach the sandbox")


def check_content_type(content_type: str) -> None:
    """Raises Problem 415 for a body that does not say it is JSON."""
    if content_type != "application/json":
        raise Problem(415, "A body must be sent with Content-Type: application/json")


def _name(host: str) -> str:
    """A Host header without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _loopback(name: str) -> bool:
    address = _address(name)
    return address is not None and address.is_loopback


def _anywhere(bound: str) -> bool:
    address = _address(bound)
    return not bound or (address is not None and address.is_unspecified)
