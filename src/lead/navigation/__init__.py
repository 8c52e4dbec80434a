"""Where the ego is and where it is to go, as students are told: no simulator, no map."""
