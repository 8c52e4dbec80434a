"""Transformers that let tokens of the picture and of the bird's-eye view look at each other."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from lead.models.tfv6.configuration import FusionConfig

_INITIAL_STD = 0.02


class SelfAttention(nn.Module):
    """Self-attention of several heads."""

    def __init__(self, width: int, config: FusionConfig):
        super().__init__()
        self.heads = config.heads
        self.dropout = config.dropout
        self.key = nn.Linear(width, width)
        self.query = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: Float[Tensor, "batch tokens width"]) -> Float[Tensor, "batch tokens width"]:
        """The tokens after looking at each other."""
        query, key, value = (self._split(layer(tokens)) for layer in (self.query, self.key, self.value))
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
        joined = mixed.transpose(1, 2).reshape(tokens.shape)
        return functional.dropout(self.proj(joined), self.dropout, self.training)

    def _split(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """Attention and a feed-forward layer, each normalised before and added after."""

    def __init__(self, width: int, config: FusionConfig):
        super().__init__()
        self.ln1 = nn.LayerNorm(width)
        self.ln2 = nn.LayerNorm(width)
        self.attn = SelfAttention(width, config)
        hidden = config.expansion * width
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, width), nn.Dropout(config.dropout)
        )

    def forward(self, tokens: Float[Tensor, "batch tokens width"]) -> Float[Tensor, "batch tokens width"]:
        """The tokens after one block."""
        tokens = tokens + self.attn(self.ln1(tokens))
        return tokens + self.mlp(self.ln2(tokens))


class FusionTransformer(nn.Module):
    """Blocks over picture tokens followed by bird's-eye tokens, each row by row."""

    def __init__(self, width: int, tokens: int, config: FusionConfig):
        super().__init__()
        self.dropout = config.dropout
        self.pos_emb = nn.Parameter(torch.zeros(1, tokens, width))
        self.blocks = nn.Sequential(*(Block(width, config) for _ in range(config.layers)))
        self.ln_f = nn.LayerNorm(width)
        self.apply(_initialise)

    def forward(
        self, picture: Float[Tensor, "batch width h_picture w_picture"], bev: Float[Tensor, "batch width h_bev w_bev"]
    ) -> tuple[Float[Tensor, "batch width h_picture w_picture"], Float[Tensor, "batch width h_bev w_bev"]]:
        """What each side learns from both; shapes stay."""
        size = picture.shape[-2:].numel()
        tokens = torch.cat([picture.flatten(2), bev.flatten(2)], dim=2).transpose(1, 2)
        tokens = functional.dropout(tokens + self.pos_emb, self.dropout, self.training)
        mixed = self.ln_f(self.blocks(tokens)).transpose(1, 2)
        return mixed[..., :size].reshape(picture.shape), mixed[..., size:].reshape(bev.shape)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=_INITIAL_STD)
        nn.init.zeros_(module.bias)
