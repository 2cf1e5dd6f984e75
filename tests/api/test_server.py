"""The socket that the program serves on."""

import socket
from dataclasses import replace

from pim.app import bind


def test_short_answers_are_sent_at_once(settings):
    """asyncio takes Nagle's algorithm off sockets that name their protocol, and off no others: each answer of two
    writes would wait 40 ms for the client's acknowledgement."""
    with bind(replace(settings, port=0)) as bound:
        assert bound.proto == socket.IPPROTO_TCP
