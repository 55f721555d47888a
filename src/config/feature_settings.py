"""The core's settings carry those of the features."""

from collections.abc import Iterable, Mapping
from typing import Self, TypeVar

from pydantic import PrivateAttr, SecretStr

from utils.setting_types import SettingsModel

Model = TypeVar("Model", bound=SettingsModel)


class SettingsWithFeatures(SettingsModel):
    """Settings that lead to those of each feature."""

    _features: dict[type[SettingsModel], SettingsModel] = PrivateAttr(default_factory=dict)
    _remarks: tuple[str, ...] = PrivateAttr(())
    _given: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about names that work for now, but should be changed."""
        return self._remarks

    @property
    def given(self) -> Mapping[str, str]:
        """The settings as they were given, by their names; empty if they were built in code."""
        return self._given

    def of(self, model: type[Model]) -> Model:
        """Return the settings of a feature; LookupError if they were not loaded."""
        found = self._features.get(model)
        if not isinstance(found, model):
            raise LookupError(f"{model.__name__} was not loaded: add it to `models`")
        return found

    def with_features(
        self,
        features: Iterable[SettingsModel],
        remarks: Iterable[str] = (),
        given: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a copy of these settings with those of features."""
        combined = self.model_copy()
        combined._features = {type(one): one for one in features}
        combined._remarks = tuple(remarks)
        combined._given = given or {}
        return combined

    @property
    def parts(self) -> tuple[SettingsModel, ...]:
        """These settings and those of the features."""
        return (self, *self._features.values())

    def secrets(self) -> list[str]:
        """Return every secret value, the features' too: none may appear in logs or output."""
        values = [value for part in self.parts for _, value in part]
        every = [one for value in values for one in (value if type(value) is tuple else (value,))]
        secrets = (one.get_secret_value() for one in every if isinstance(one, SecretStr))
        return [one for one in secrets if one]
