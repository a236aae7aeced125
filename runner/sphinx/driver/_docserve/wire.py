"""The private channel to docserve: frames of JSON over a socket of our own.

Standard input, output and error belong to the user's code, whatever it may do
to them; nothing here touches them. Each process, forks included, has its own
connection, so that no two of them ever write to the same one.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from typing import Any, Optional

_HEADER = struct.Struct('>I')
# Seconds between two signs of life: few against any deadline, rare against what they are signs of.
_PACE = 0.2


class Closed(Exception):
    """docserve has gone away or has let go of this process."""


class Channel:
    """One connection to docserve.

    The address is ``unix:PATH`` or ``tcp:HOST:PORT``. The greeting carries a
    token, so that no other user of the machine can pose as a worker.
    """

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.token = token
        self._socket: Optional[socket.socket] = None
        self._sending = threading.Lock()  # extensions may print from threads
        self._beat = 0.0
        self._late: list[dict[str, Any]] = []  # what could not be told at once

    def connect(self, role: str, ident: str, pid: int) -> None:
        """Connect anew, as the process that it is now; a fork calls this too."""
        self.close()
        kind, _, rest = self.address.partition(':')
        if kind == 'unix':
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.connect(rest)
        else:
            host, _, port = rest.rpartition(':')
            connection = socket.create_connection((host, int(port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self.send({'token': self.token, 'role': role, 'ident': ident, 'pid': pid})

    def close(self) -> None:
        """Close this process's copy of the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, message: dict[str, Any]) -> None:
        """Send one frame; raise Closed when docserve is gone."""
        try:
            with self._sending:
                self._send(message)
        except OSError as exc:
            raise Closed from exc

    def tell(self, message: dict[str, Any]) -> None:
        """Send a frame that is no answer, from anywhere, also from what interrupts the sending of another one."""
        if not self._sending.acquire(blocking=False):
            self._late.append(message)
            return
        try:
            self._send(message)
        except (OSError, Closed):
            pass  # the answer will find out
        finally:
            self._sending.release()

    def _send(self, message: dict[str, Any]) -> None:
        late, self._late = self._late, []
        for each in (*late, message):
            data = json.dumps(each, ensure_ascii=True, default=str).encode('ascii')
            self._require().sendall(_HEADER.pack(len(data)) + data)

    def progress(self) -> None:
        """Tell that a command which takes long gets on; docserve lets it go on for as long as it does."""
        now = time.monotonic()
        if now - self._beat < _PACE:
            return
        self._beat = now
        try:
            self.send({'progress': True})
        except Closed:
            pass  # the answer will find out

    def receive(self) -> dict[str, Any]:
        """Wait for one frame; raise Closed when docserve is gone."""
        (length,) = _HEADER.unpack(self._exactly(_HEADER.size))
        return json.loads(self._exactly(length))

    def _exactly(self, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            try:
                part = self._require().recv(min(1 << 20, length - len(data)))
            except OSError as exc:
                raise Closed from exc
            if not part:
                raise Closed
            data += part
        return bytes(data)

    def _require(self) -> socket.socket:
        if self._socket is None:
            raise Closed
        return self._socket
