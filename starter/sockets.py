"""The socket a server of ours listens on."""

import socket


def listen(host: str, port: int) -> socket.socket:
    """Listening already; `port` 0 takes a free one. Raises OSError, or OverflowError for what is no port."""
    # Said to be TCP: only then does asyncio send each piece of an answer at once. Otherwise the second piece waits
    # 40 ms for the first to be acknowledged.
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
