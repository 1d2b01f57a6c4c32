"""A port of this machine alone, for the commands that serve."""

from __future__ import annotations

import socket

from communique.errors import ConfigurationError

LOOPBACK = "127.0.0.1"


def listening(port: int, option: str) -> tuple[socket.socket, str]:
    """Return a socket that listens on a port of loopback, and its address, such as `127.0.0.1:8000`.

    Args:
        port: The port; 0 takes a free one.
        option: The option that names it, for errors.

    Raises:
        ConfigurationError: The port can't be used.
    """
    try:
        found = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise ConfigurationError(
            f"port {port} can't be used: {error.strerror or error}", hint=f"{option} 0 takes a free one"
        ) from error
    return found, f"{LOOPBACK}:{found.getsockname()[1]}"
