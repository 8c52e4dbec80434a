import os
import signal
import socket
import subprocess
import sys

import pytest

from lead.simulator import PortRange, PortsUnavailable, is_free, lease_ports

RANGE = PortRange(21000, 21400)


def test_leases_are_disjoint_blocks_and_free_again_afterwards(tmp_path):
    with lease_ports(ports=RANGE, directory=tmp_path) as first, lease_ports(ports=RANGE, directory=tmp_path) as second:
        ours = {first.rpc, first.stream, first.secondary, first.traffic_manager}
        theirs = {second.rpc, second.stream, second.secondary, second.traffic_manager}
        assert len(ours | theirs) == 8
        assert first.stream == first.rpc + 1 and first.secondary == first.rpc + 2
    with lease_ports(ports=RANGE, directory=tmp_path) as again:
        assert again == first


def test_a_port_that_somebody_listens_on_is_passed_over(tmp_path):
    with lease_ports(ports=RANGE, directory=tmp_path) as expected:
        pass
    with socket.create_server(("127.0.0.1", expected.stream)):
        assert not is_free(expected.stream)
        with lease_ports(ports=RANGE, directory=tmp_path) as lease:
            assert lease.rpc > expected.traffic_manager


def test_a_wanted_port_that_is_taken_is_one_sentence(tmp_path):
    with (
        lease_ports(ports=RANGE, directory=tmp_path) as lease,
        pytest.raises(PortsUnavailable, match=f"port {lease.rpc}, or one of the 3 after it, is already in use"),
        lease_ports(lease.rpc, directory=tmp_path),
    ):
        pass


def test_an_exhausted_range_says_so(tmp_path):
    with (
        lease_ports(ports=PortRange(21000, 21004), directory=tmp_path),
        pytest.raises(PortsUnavailable, match="between 21000 and 21004"),
        lease_ports(ports=PortRange(21000, 21004), directory=tmp_path),
    ):
        pass


HOLDER = """
import sys, time
from pathlib import Path
from lead.simulator import PortRange, lease_ports
with lease_ports(ports=PortRange(21000, 21400), directory=Path(sys.argv[1])) as lease:
    print(lease.rpc, flush=True)
    time.sleep(60)
"""


def test_other_processes_get_other_ports_and_a_killed_one_gives_its_back(tmp_path):
    holders = [
        subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        held = [int(holder.stdout.readline()) for holder in holders]
        assert len(set(held)) == 3
        with lease_ports(ports=RANGE, directory=tmp_path) as lease:
            assert lease.rpc not in held
        lowest = holders[held.index(min(held))]
        os.kill(lowest.pid, signal.SIGKILL)
        lowest.wait()
        with lease_ports(ports=RANGE, directory=tmp_path) as lease:
            assert lease.rpc == min(held)
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()


@pytest.mark.parametrize(("first", "last"), [(80, 5000), (3000, 3002), (60000, 70000)])
def test_nonsense_ranges_are_refused(first, last):
    with pytest.raises(ValueError, match=f"ports {first} to {last}"):
        PortRange(first, last)
