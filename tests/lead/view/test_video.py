import av
import numpy as np
import pytest

from lead.view import VideoWriter


def test_a_video_has_every_frame_in_the_common_format(tmp_path):
    with VideoWriter(tmp_path / "deep" / "drive.mp4", 64, 48, 10) as writer:
        for step in range(25):
            writer.write(np.full((48, 64, 3), (0, 10 * step, 255), np.uint8))
    with av.open(str(tmp_path / "deep" / "drive.mp4")) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(stream)]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 10
    assert len(frames) == 25
    assert np.abs(frames[20].mean((0, 1)) - (0, 200, 255)).max() < 12.0
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["drive.mp4"]


def test_nothing_is_left_of_a_video_without_frames(tmp_path):
    VideoWriter(tmp_path / "drive.mp4", 64, 48, 10).close()
    assert list(tmp_path.iterdir()) == []


def test_odd_sizes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="63 x 48"):
        VideoWriter(tmp_path / "drive.mp4", 63, 48, 10)
