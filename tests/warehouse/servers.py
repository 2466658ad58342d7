"""Servers that somebody else has set up: another version, another role and database, TLS."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from include.local.postgres import EmbeddedPostgres

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104


@contextmanager
def running_server(home: Path, binaries: Path, port: int) -> Iterator[EmbeddedPostgres]:
    """A cluster of its own, of the version whose programs are in `binaries`."""
    server = EmbeddedPostgres(home)
    server.binaries = binaries
    server.start(port)
    try:
        yield server
    finally:
        server.stop()


def certificate(folder: Path) -> Path:
    """A self-signed certificate of 127.0.0.1; its key lies beside it, as `key.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    text = serialization.Encoding.PEM
    private = key.private_bytes(text, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "certificate.pem").write_bytes(signed.public_bytes(text))
    return folder / "certificate.pem"


@contextmanager
def tls_front(folder: Path, server_port: int) -> Iterator[int]:
    """The port of a front that speaks TLS for a server whose build cannot; without TLS it lets nobody in."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = int.from_bytes((await reader.readexactly(8))[4:])
        while request == GSS_REQUEST:
            writer.write(b"N")
            request = int.from_bytes((await reader.readexactly(8))[4:])
        if request != SSL_REQUEST:
            writer.close()
            return
        writer.write(b"S")
        await writer.start_tls(context)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server_port)
        await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))

    front = asyncio.run_coroutine_threadsafe(asyncio.start_server(meet, "127.0.0.1"), loop).result()
    try:
        yield front.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(front.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return
    finally:
        writer.close()
