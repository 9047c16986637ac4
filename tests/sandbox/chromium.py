"""A headless Chromium, driven over its DevTools protocol: enough to test a page as a person uses it.

The browser is a process of its own that lasts as long as a test module; each page has a context of its own, so that no
test sees what another left.
"""

from __future__ import annotations

import asyncio
import base64
import collections
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import aiohttp
import msgspec

PATIENCE = 60.0  # seconds for anything a page is waited for: a slow machine is no failure

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--remote-debugging-port=0",
)


def installed() -> str | None:
    """The path of a Chromium, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def chromium(folder: Path) -> Iterator[str]:
    """Runs a browser with a fresh profile below `folder`, and gives the URL that it is driven by."""
    command = installed()
    assert command is not None
    # Whatever the browser keeps for its user, it keeps it there.
    home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")}
    process = subprocess.Popen(
        [command, *_FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, **home},
        start_new_session=True,  # so that its children can be ended with it
    )
    assert process.stderr is not None
    with process.stderr as said:
        try:
            address = _address(said)
            # It goes on talking, and would wait for a reader.
            drain = threading.Thread(target=collections.deque, args=(said, 0), daemon=True)
            drain.start()
            yield address
        finally:
            _end(process)
        drain.join(PATIENCE)


def _address(said: Iterator[str]) -> str:
    lines = []
    for line in said:
        lines.append(line)
        if line.startswith("DevTools listening on "):
            return line.rpartition(" ")[2].strip()
    raise AssertionError("the browser did not start: " + "".join(lines[-20:]))


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the browser, which ends its children; those of one that hangs are killed with it."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Page:
    """One tab. problems: what the browser's console shows of errors and warnings, and uncaught exceptions."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.problems: list[str] = []
        self._socket = socket
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._session: dict[str, str] = {}
        self._last = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @asynccontextmanager
    async def open(
        cls, address: str, *, width: int = 1280, height: int = 900, dark: bool = False
    ) -> AsyncIterator[Self]:
        """A blank page of a browser. address: as `chromium` gives it."""
        async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
            page = cls(socket)
            try:
                context = (await page.send("Target.createBrowserContext"))["browserContextId"]
                target = await page.send("Target.createTarget", url="about:blank", browserContextId=context)
                attached = await page.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
                page._session = {"sessionId": attached["sessionId"]}
                for domain in ("Page", "Runtime", "Log"):
                    await page.send(f"{domain}.enable")
                scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
                await page.send("Emulation.setEmulatedMedia", features=[scheme])
                await page.send(
                    "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
                )
                yield page
                page._session = {}
                await page.send("Target.disposeBrowserContext", browserContextId=context)
            finally:
                page._reading.cancel()
                with suppress(asyncio.CancelledError):
                    await page._reading

    async def send(self, method: str, **params: Any) -> Any:
        """One command of the protocol, and its result."""
        self._last += 1
        answered = self._waiting[self._last] = asyncio.get_running_loop().create_future()
        message = {"id": self._last, "method": method, "params": params, **self._session}
        await self._socket.send_str(msgspec.json.encode(message).decode())
        async with asyncio.timeout(PATIENCE):
            return await answered

    async def goto(self, url: str) -> None:
        """Goes to a page; wait for what it shows with `until`."""
        told = await self.send("Page.navigate", url=url)
        assert "errorText" not in told, told

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression, awaited where it is a promise."""
        told = await self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, condition: str) -> Any:
        """Waits until an expression is true, and returns its value."""
        looking = (
            f"new Promise((done) => {{ const look = () => {{ let value; try {{ value = {condition}; }} catch {{}} "
            "value ? done(value) : setTimeout(look, 20); }; look(); })"
        )
        try:
            return await self.evaluate(looking)
        except TimeoutError:
            shown = await self.evaluate("document.body.innerText")
            raise AssertionError(f"never true: {condition}\n{shown}\n{self.problems}") from None

    async def text(self, selector: str) -> str:
        """What an element shows."""
        return await self.evaluate(f"document.querySelector({_quoted(selector)}).innerText")

    async def shows(self, selector: str, text: str) -> None:
        """Waits until an element is to be seen and shows a text."""
        found = f"document.querySelector({_quoted(selector)})"
        await self.until(f"{found}.checkVisibility() && {found}.innerText.includes({_quoted(text)})")

    async def click(self, selector: str) -> None:
        """Clicks on the middle of an element, when it is there."""
        found = f"document.querySelector({_quoted(selector)})"
        await self.until(f"{found} && !{found}.disabled && {found}.getBoundingClientRect().width")
        box = await self.evaluate(
            f"(() => {{ {found}.scrollIntoView({{block: 'center'}}); const box = {found}.getBoundingClientRect();"
            "return {x: box.x + box.width / 2, y: box.y + box.height / 2}; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **box)

    async def write(self, selector: str, text: str) -> None:
        """Writes into a field in place of what it holds."""
        await self.until(f"document.querySelector({_quoted(selector)}).select() === undefined")
        await self.evaluate(f"document.querySelector({_quoted(selector)}).focus()")
        await self.send("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Presses a key, by its name in events."""
        for kind in ("keyDown", "keyUp"):
            await self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    async def screenshot(self) -> bytes:
        """What is to be seen, as PNG."""
        return base64.b64decode((await self.send("Page.captureScreenshot", format="png"))["data"])

    async def _read(self) -> None:
        async for message in self._socket:
            told = msgspec.json.decode(message.data)
            answered = self._waiting.pop(told.get("id"), None)
            if answered is None:
                self._note(told.get("method"), told.get("params") or {})
            elif answered.cancelled():
                continue
            elif "error" in told:
                answered.set_exception(AssertionError(told["error"]))
            else:
                answered.set_result(told["result"])

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "Runtime.exceptionThrown":
            self.problems.append(str(told["exceptionDetails"]))
        elif event == "Log.entryAdded" and told["entry"]["level"] in ("warning", "error"):
            self.problems.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        elif event == "Runtime.consoleAPICalled" and told["type"] in ("warning", "error"):
            self.problems.append(str(told["args"]))


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
