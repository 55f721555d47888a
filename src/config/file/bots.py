"""What is wrong with the settings of the other bots that a config file has."""

from collections.abc import Callable, Iterator

from config.sources import GivenValues, Models
from utils.file_settings import model_of_bots
from utils.setting_types import SettingsModel

#: Loads the settings of a model, and adds what is wrong with them to a list.
Load = Callable[[type[SettingsModel], GivenValues, list[str]], object]


def problems_of_bots(given: GivenValues, models: Models, load: Load) -> Iterator[str]:
    """Yield a sentence with its line for each problem of each of them."""
    owner = model_of_bots(models)
    for bot in given.config.bots.values() if given.config and owner else ():
        assert owner is not None
        own = bot.shadows(models)
        shared = {
            name: value
            for name, value in given.values.items()
            if name in owner.bots_share and name not in own
        }
        found: list[str] = []
        for model in models:
            load(model, GivenValues(shared, {}, (), (), bot), found)
        for one in found:
            has_line = one.startswith(f"{bot.name}:")
            yield one if has_line else f"{bot.place_of(())}: {one}"
