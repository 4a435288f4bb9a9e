"""The socket that the reading room listens on."""

import asyncio
import socket

from digest.web.server import listen


def test_answers_wait_for_no_acknowledgement():
    async def accepted() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def on_connect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = listen("127.0.0.1", 0)
        server = await asyncio.start_server(on_connect, sock=listening)
        _, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            return await found
        finally:
            writer.close()
            await writer.wait_closed()
            server.close()

    assert asyncio.run(accepted())
