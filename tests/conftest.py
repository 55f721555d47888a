"""What holds for every test."""

from hypothesis import HealthCheck, settings

# How fast a machine draws examples says nothing about the code: busy ones are slow.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
