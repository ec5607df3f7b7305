"""One execution of a run again, with everything it did."""
