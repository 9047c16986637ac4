"""The rules of the service without I/O: bytes to objects and back, envelopes, headers, error bodies."""

from __future__ import annotations

__all__: list[str] = []
