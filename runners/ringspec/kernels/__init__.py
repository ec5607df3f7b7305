"""Kernels: from a spec as typed to an image that boots, with proof of what it is."""

from ringspec.kernels.config import config_of
from ringspec.kernels.errors import (
    ArchiveUnreachable,
    CacheUnusable,
    KernelError,
    NotAKernel,
    SeriesGone,
    TamperedPackage,
    UnknownSpec,
)
from ringspec.kernels.image import upstream_of
from ringspec.kernels.listing import Available, available, render
from ringspec.kernels.released import Release, releases_between
from ringspec.kernels.resolve import Resolution, resolve, resolve_all
from ringspec.kernels.settings import default_specs

__all__ = [
    "ArchiveUnreachable",
    "Available",
    "CacheUnusable",
    "KernelError",
    "NotAKernel",
    "Release",
    "Resolution",
    "SeriesGone",
    "TamperedPackage",
    "UnknownSpec",
    "available",
    "config_of",
    "default_specs",
    "releases_between",
    "render",
    "resolve",
    "resolve_all",
    "upstream_of",
]
