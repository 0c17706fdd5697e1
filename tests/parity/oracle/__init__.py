"""The parts of the fixture maker; see `make_fixtures.py`."""
