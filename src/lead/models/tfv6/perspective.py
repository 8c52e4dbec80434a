"""From the picture's features to something about each of its pixels."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

_FIRST_SCALE, _SECOND_SCALE = 8, 4
_LARGEST_RESIZE = 0.1


class PerspectiveDecoder(nn.Module):
    """Convolutions with two enlargements, by 8 and by 4."""

    def __init__(self, in_channels: int, out_channels: int, channels: tuple[int, int, int]):
        super().__init__()
        first, second, third = channels
        self.deconv1 = nn.Sequential(*_pair(in_channels, first, second), nn.ReLU(inplace=True))
        self.deconv2 = nn.Sequential(*_pair(second, third, third), nn.ReLU(inplace=True))
        self.deconv3 = _pair(third, third, out_channels)

    def forward(
        self, features: Float[Tensor, "batch in_channels rows columns"], size: tuple[int, int]
    ) -> Float[Tensor, "batch out_channels height width"]:
        """One value a pixel and channel, for a picture of `size` (rows, columns).

        Raises ValueError when that is over 10 % from 32 times the features' size.
        """
        decoded = _enlarge(self.deconv1(features), _FIRST_SCALE)
        decoded = _enlarge(self.deconv2(decoded), _SECOND_SCALE)
        decoded = self.deconv3(decoded)
        return decoded if tuple(decoded.shape[-2:]) == size else _fit(decoded, size)


def _pair(in_channels: int, middle: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, middle, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(middle, out_channels, 3, padding=1),
    )


def _enlarge(features: Tensor, factor: int) -> Tensor:
    return functional.interpolate(features, scale_factor=factor, mode="bilinear", align_corners=False)


def _fit(decoded: Tensor, size: tuple[int, int]) -> Tensor:
    for got, wanted in zip(decoded.shape[-2:], size, strict=True):
        if abs(got - wanted) > _LARGEST_RESIZE * wanted:
            raise ValueError(f"decoded {tuple(decoded.shape[-2:])} pixels for a picture of {size}")
    return functional.interpolate(decoded, size=size, mode="bilinear", align_corners=False)
