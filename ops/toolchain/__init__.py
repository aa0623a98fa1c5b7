"""Pulumi's CLI, its Python host and the Auth0 plugin: found, kept in a cache, or built from source."""

from .engine import Toolchain, ensure, environment
from .plugin import install_plugin

__all__ = ["Toolchain", "ensure", "environment", "install_plugin"]
