"""The command `carlet`."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from carlet.notices import announce_compiling
from carlet.server import Server
from carlet.simulator import StartOptions, warm_up, warm_up_pictures
from carlet.town import TownError, load_town
from carlet.town.navigation import navigation_mesh
from carlet.wire.hub import ListenError

USAGE_ERROR = 2


def main(argv: list[str] | None = None) -> int:
    """Run the server until SIGTERM or SIGINT. Returns the exit code."""
    options = _parser().parse_args(argv)
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(name)s %(levelname)s %(message)s")
    if options.command != "serve":
        return _prepare(options) if options.command == "warmup" else _gallery(options)
    stream_port = options.port + 1 if options.stream_port is None else options.stream_port
    start = StartOptions(options.town, options.fixed_delta, options.seed)
    announce_compiling()
    try:
        server = Server(options.host, options.port, stream_port, start)
    except (ListenError, TownError) as error:
        print(f"carlet: {error}", file=sys.stderr)
        return USAGE_ERROR
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    try:
        _announce(server, options)
    except OSError as error:
        server.close()
        print(f"carlet: the ready file cannot be written: {error}", file=sys.stderr)
        return USAGE_ERROR
    server.run()
    return 0


def _prepare(options: argparse.Namespace) -> int:
    try:
        town = load_town(options.town)
    except TownError as error:
        print(f"carlet: {error}", file=sys.stderr)
        return USAGE_ERROR
    navigation_mesh(town)
    warm_up(town)
    warm_up_pictures(town)
    return 0


def _gallery(options: argparse.Namespace) -> int:
    from carlet.gallery import draw_gallery

    try:
        for sheet in draw_gallery(options.out, options.only):
            print(sheet, flush=True)
    except (OSError, ValueError) as error:
        print(f"carlet: the gallery cannot be drawn: {error}", file=sys.stderr)
        return USAGE_ERROR
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="carlet", description="A CARLA 0.9.16 compatible simulation server that needs no GPU."
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=["serve", "warmup", "gallery"],
        default="serve",
        help="warmup compiles the kernels and builds the town once, into their caches; gallery draws every town, "
        "weather and blueprint into PNG files (default: %(default)s)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=2000, help="RPC port (default: %(default)s)")
    parser.add_argument("--stream-port", type=_port, help="stream port (default: RPC port + 1)")
    parser.add_argument("--town", default="Town01", help="first town (default: %(default)s)")
    parser.add_argument(
        "--fixed-delta", type=_positive, help="fixed step in seconds (default: the time that really passes)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of all that is random in the server")
    parser.add_argument("--ready-file", type=Path, help="write `rpc-port stream-port pid` there once ready")
    parser.add_argument("--out", type=Path, default=Path("gallery"), help="gallery: folder (default: %(default)s)")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="SUBJECT", help="gallery: towns, weathers, blueprints (default: all)"
    )
    parser.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{port} is no port: ports go from 0 to 65535")
    return port


def _positive(text: str) -> float:
    number = float(text)
    if not 0.0 < number < 1e3:
        raise argparse.ArgumentTypeError("a step must be a positive number of seconds")
    return number


def _announce(server: Server, options: argparse.Namespace) -> None:
    town = server.simulator.episode.map_name
    if options.ready_file:
        partial = options.ready_file.with_suffix(f".{os.getpid()}.part")
        partial.write_text(f"{server.rpc_port} {server.stream_port} {os.getpid()}\n")
        partial.replace(options.ready_file)
    print(f"carlet is ready: {town} on {options.host}:{server.rpc_port} (streams {server.stream_port})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
