#!/usr/bin/env python3
"""A relay that is far away: passes bytes on to a port of this machine, each direction late by half the round trip.

usage: delay_proxy.py LISTEN_PORT TARGET_PORT ROUND_TRIP_MS     (netem is not to be had on every kernel)
"""
import asyncio
import sys

LISTEN, TARGET, HALF = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 2000


async def carry(reader, writer):
    """Copies with a delay; the order stays, and what comes meanwhile does not wait longer."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def take():
        while True:
            data = await reader.read(65536)
            await queue.put((loop.time() + HALF, data))
            if not data:
                return

    taking = asyncio.create_task(take())
    try:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        taking.cancel()
        writer.close()


async def client(reader, writer):
    try:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", TARGET)
    except OSError:
        writer.close()
        return
    await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer), return_exceptions=True)


async def main():
    server = await asyncio.start_server(client, "127.0.0.1", LISTEN)
    async with server:
        await server.serve_forever()


asyncio.run(main())
