"""Spans: one for each attempt, with the conventions' names and no secret; none where nobody traces."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from yarl import URL

from paymo_async.transport.tracing import is_tracing, span
from paymo_async.wire.messages import Request

trace = pytest.importorskip("opentelemetry.trace")
sdk = pytest.importorskip("opentelemetry.sdk.trace")
export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
processors = pytest.importorskip("opentelemetry.sdk.trace.export")


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch):
    exporter = export.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(processors.SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter.get_finished_spans


def call(attempt: int, host: str = "https://x.test/api/tasks/1"):
    return SimpleNamespace(request=Request("GET", "tasks/1"), url=URL(host), attempt=attempt)


def test_an_attempt_is_a_client_span_with_the_conventions_names(spans):
    with span(call(1), "https://x.test/api/tasks/1"):
        pass
    with span(call(3), "https://x.test/api/tasks/1") as current:
        current.set_attribute("http.response.status_code", 200)
    first, again = spans()
    assert first.name == "GET tasks"
    assert first.kind is trace.SpanKind.CLIENT
    assert first.attributes == {
        "http.request.method": "GET",
        "url.full": "https://x.test/api/tasks/1",
        "server.address": "x.test",
        "server.port": 443,
    }
    assert again.attributes["http.request.resend_count"] == 2
    assert again.attributes["http.response.status_code"] == 200


def test_an_error_marks_its_span(spans):
    with pytest.raises(KeyError), span(call(1), "u"):
        raise KeyError("x")
    assert spans()[0].status.status_code is trace.StatusCode.ERROR
    assert spans()[0].events == ()


def test_nobody_traces_unless_the_application_has_imported_the_api(monkeypatch: pytest.MonkeyPatch):
    assert is_tracing()
    monkeypatch.delitem(sys.modules, "opentelemetry.trace")
    assert not is_tracing()
