"""Bytes only: MessagePack-RPC framing, tokens, streams and packed records."""
