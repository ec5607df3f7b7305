"""For every test: a slow machine is no failure."""

from hypothesis import settings

settings.register_profile("ringspec", deadline=None)
settings.load_profile("ringspec")
