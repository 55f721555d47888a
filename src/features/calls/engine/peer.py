"""The WebRTC connection of one call, by aiortc: nothing else imports it.

Two private places of aiortc are used: `RTCDtlsTransport._handle_rtp_data` and `_handle_rtcp_data`,
which get decrypted packets, and `aioice.ice.get_host_addresses`, which leaves out 127.0.0.1.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from fractions import Fraction

import aioice.ice
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamTrack
from av.packet import Packet
from av.stream import Stream

from features.calls.engine.opus import OPUS_RATE
from features.calls.engine.sdp import Candidate, Described, Side
from features.calls.engine.sdp_writing import (
    write_answer,
    write_invitation,
    write_offer,
    write_reply,
)

LOOPBACK = "127.0.0.1"

#: Gives the next packet of Opus with its timestamp, once it may leave.
NextPacket = Callable[[], Awaitable[tuple[bytes, int]]]


class PeerError(Exception):
    """No connection can be made."""


class Peer:
    """One connection. The callbacks run in the event loop, and must not wait."""

    def __init__(
        self,
        next_packet: NextPacket,
        *,
        on_rtp: Callable[[bytes], None],
        on_rtcp: Callable[[], None],
        on_state: Callable[[str], None],
        ice_servers: Sequence[str] = (),
    ) -> None:
        servers = [RTCIceServer(urls=list(ice_servers))] if ice_servers else []
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._track = _MouthTrack(next_packet)
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._connection.on(
            "connectionstatechange", lambda: on_state(self._connection.connectionState)
        )

    async def answer(self, offer: Described) -> str:
        """Return the answer to an offer, and begin to connect.

        Raises:
            PeerError: if aiortc finds no way to answer.
        """
        try:
            described = RTCSessionDescription(sdp=write_offer(offer), type="offer")
            await self._connection.setRemoteDescription(described)
            [transceiver] = self._connection.getTransceivers()
            self._hook(transceiver)
            self._connection.addTrack(self._track)
            await self._connection.setLocalDescription()
        except Exception as error:
            raise PeerError(type(error).__name__) from error
        return write_answer(offer, _side(transceiver), self._stream())

    async def offer(self) -> str:
        """Return an offer of ours.

        Raises:
            PeerError: if aiortc cannot make one.
        """
        try:
            self._connection.addTrack(self._track)
            [transceiver] = self._connection.getTransceivers()
            self._hook(transceiver)
            await self._connection.setLocalDescription()
        except Exception as error:
            raise PeerError(type(error).__name__) from error
        return write_invitation(_side(transceiver), self._stream())

    async def connect(self, answer: Described) -> None:
        """Take the answer to our offer, and begin to connect.

        Raises:
            PeerError: if aiortc cannot take it.
        """
        try:
            [transceiver] = self._connection.getTransceivers()
            sdp = write_reply(answer, mid=transceiver.mid or "0")
            described = RTCSessionDescription(sdp=sdp, type="answer")
            await self._connection.setRemoteDescription(described)
        except Exception as error:
            raise PeerError(type(error).__name__) from error

    async def close(self) -> None:
        """Say goodbye by RTCP and DTLS, and close every socket."""
        await self._connection.close()

    def _stream(self) -> list[str]:
        """Return the lines that name our stream."""
        lines = self._connection.localDescription.sdp.splitlines()
        return [line for line in lines if line.startswith(("a=msid:", "a=ssrc:"))]

    def _hook(self, transceiver: RTCRtpTransceiver) -> None:
        dtls = transceiver.receiver.transport

        async def take_rtp(data: bytes, arrival_time_ms: int) -> None:
            self._on_rtp(data)

        handle_rtcp = dtls._handle_rtcp_data

        async def take_rtcp(data: bytes) -> None:
            self._on_rtcp()
            await handle_rtcp(data)

        dtls._handle_rtp_data = take_rtp  # type: ignore[method-assign]
        dtls._handle_rtcp_data = take_rtcp  # type: ignore[method-assign]


class _MouthTrack(MediaStreamTrack):
    """Packets of a mouth, as a track."""

    kind = "audio"

    def __init__(self, next_packet: NextPacket) -> None:
        super().__init__()
        self._next_packet = next_packet

    async def recv(self) -> "Packet[Stream]":
        payload, timestamp = await self._next_packet()
        packet = Packet(payload)
        packet.pts, packet.time_base = timestamp, Fraction(1, OPUS_RATE)
        return packet


def _side(transceiver: RTCRtpTransceiver) -> Side:
    dtls = transceiver.receiver.transport
    gatherer = dtls.transport.iceGatherer
    ice, certificates = gatherer.getLocalParameters(), dtls.getLocalParameters().fingerprints
    if ice.usernameFragment is None or ice.password is None:
        raise PeerError("no ICE credentials")
    return Side(
        ice.usernameFragment,
        ice.password,
        next(one.value for one in certificates if one.algorithm == "sha-256"),
        tuple(
            Candidate(one.ip, one.port, one.priority, one.type)
            for one in gatherer.getLocalCandidates()
            if one.component == 1
        ),
    )


def allow_loopback() -> None:
    """Let 127.0.0.1 be an ICE host of this process: the emulator's phones are there."""
    if aioice.ice.get_host_addresses is not _addresses_with_loopback:
        aioice.ice.get_host_addresses = _addresses_with_loopback


_found_addresses = aioice.ice.get_host_addresses


def _addresses_with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return [*([LOOPBACK] if use_ipv4 else []), *_found_addresses(use_ipv4, use_ipv6)]


async def warm_up() -> None:
    """Make the certificate's and the codecs' first use before the first call."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio")
    await connection.createOffer()
    await asyncio.sleep(0)
    await connection.close()
