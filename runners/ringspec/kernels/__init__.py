"""Kernels: from a spec as typed to an image that boots, with proof of what it is."""

from ringspec.kernels.config import config_of
from ringspec.kernels.errors import (
    ArchiveUnreachable,
    BadLock,
    CacheUnusable,
    KernelError,
    NotAKernel,
    NotHeld,
    PackageGone,
    PinnedKernelGone,
    SeriesGone,
    TamperedPackage,
    UnknownSpec,
    Unverifiable,
)
from ringspec.kernels.image import upstream_of
from ringspec.kernels.listing import Available, available, render
from ringspec.kernels.pinning import locked
from ringspec.kernels.released import Release, releases_between
from ringspec.kernels.resolve import Resolution, resolve, resolve_all
from ringspec.kernels.sets import expand
from ringspec.kernels.settings import default_specs

__all__ = [
    "ArchiveUnreachable",
    "Available",
    "BadLock",
    "CacheUnusable",
    "KernelError",
    "NotAKernel",
    "NotHeld",
    "PackageGone",
    "PinnedKernelGone",
    "Release",
    "Resolution",
    "SeriesGone",
    "TamperedPackage",
    "UnknownSpec",
    "Unverifiable",
    "available",
    "config_of",
    "default_specs",
    "expand",
    "locked",
    "releases_between",
    "render",
    "resolve",
    "resolve_all",
    "upstream_of",
]
