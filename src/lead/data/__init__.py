"""From recordings to training samples: records kept on disk, the frames of an epoch, samples with all labels."""
