"""The Django project: settings, urls, base Admin and helpers."""

__version__ = "0.1.0"
