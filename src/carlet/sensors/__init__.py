"""One file per sensor; each turns an episode into a message body."""
