import msgpack
import pytest
from plain_clients import encoded

from carlet.wire.checks import WireError
from carlet.wire.rpc import READ_BYTES, MessageReader, batch_result

MIB = 1 << 20


def fed(reader, data):
    """All messages in `data`, read in pieces as from a socket."""
    messages = []
    for start in range(0, len(data), READ_BYTES):
        reader.feed(memoryview(data)[start : start + READ_BYTES])
        messages += reader
    return messages


def test_messages_come_out_whatever_the_pieces():
    data = b"".join(encoded(i, "m", ["x" * i]) for i in range(300))
    reader = MessageReader(MIB)
    messages = []
    for start in range(0, len(data), 7):
        reader.feed(memoryview(data)[start : start + 7])
        messages += reader
    assert messages == [[0, i, "m", [[False], ["x" * i]]] for i in range(300)]


def test_one_long_string_passes_where_as_much_structure_does_not():
    reader = MessageReader(32 * MIB, max_structure=2 * MIB)
    text = "x" * (20 * MIB)
    assert fed(reader, encoded(1, "copy_opendrive_to_file", text, [1.0, True])) == [
        [0, 1, "copy_opendrive_to_file", [[False], text, [1.0, True]]]
    ]
    with pytest.raises(WireError, match="too big"):
        fed(reader, msgpack.packb([[None] * 65_000] * 100))


def test_many_messages_in_a_row_are_no_big_message():
    reader = MessageReader(MIB, max_structure=MIB)
    data = encoded(1, "m", [[1, 2.5, "abc"]] * 1000)
    assert len(fed(reader, data * 400)) == 400


def test_a_message_longer_than_allowed_is_refused():
    with pytest.raises(WireError, match="message"):
        fed(MessageReader(2 * MIB), encoded(1, "m", b"x" * (4 * MIB)))
    with pytest.raises(WireError, match="too big"):
        fed(MessageReader(2 * MIB), encoded(1, "m", *[b"x" * MIB] * 4))


def test_results_of_a_batch():
    assert batch_result([7, "no such actor"]) == [[[1, 7]], [[0, ["no such actor"]]]]
