"""What records drives, in the layout that the user asked for."""

from pathlib import Path

from lead.recording.config import RecorderConfig
from lead.recording.observer import DriveRecorder
from lead.recording.recorder import Recorder
from lead.sensors.clouds import EgoFilter
from lead.sensors.rig import Rig


def default_rig(py123d: bool) -> str:
    """The rig of those who name none."""
    return "py123d" if py123d else "lead_3cameras"


def recorder_for(
    folder: Path,
    rig: Rig,
    py123d: bool,
    seed: int = 0,
    stem: str = "",
    perturbed: bool = True,
    jpeg_quality: int = RecorderConfig.jpeg_quality,
    ego_filter: EgoFilter = RecorderConfig.ego_filter,
) -> DriveRecorder:
    """A recorder in LEAD's layout, with the perturbed twin if wanted, or of 123D's logs."""
    if py123d:
        # py123d takes seconds to import, which other drives shall not wait for.
        from lead.recording.arrow_recorder import ArrowRecorder

        return ArrowRecorder(folder, rig)
    config = RecorderConfig(folder, rig, perturbed, seed, jpeg_quality=jpeg_quality, ego_filter=ego_filter, stem=stem)
    return Recorder(config)
