"""Settings of kept files."""

from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeInt,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import SettingsConfigDict

from utils.key_ring import read_keys
from utils.setting_types import SettingsModel, invalid

MEGABYTE = 1024 * 1024
ENCRYPTED = "encrypted"


class KeptFilesSettings(SettingsModel):
    """Whether the bot keeps the files of people, and how much room they may take."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Kept files: photos and documents that people send"
    )

    keep_files: Literal["off", "encrypted"] = Field(
        "off",
        description="encrypted keeps the files that people send, in the database; off keeps none, "
        "and operators see a file for as long as Meta has it, 30 days at most.",
    )
    files_keys: Annotated[
        tuple[SecretStr, ...], BeforeValidator(partial(read_keys, command="files new-key"))
    ] = Field(
        (),
        description="Keys that encrypt kept files, newest first, separated by commas: "
        "`watch.py files new-key` prints one.",
    )
    keep_files_mb: NonNegativeInt = Field(
        1024,
        description="Room for all files together in the database, in MB. The oldest ones that were "
        "sent outside of forms make room for new ones; 0 keeps none.",
    )
    keep_file_mb: NonNegativeInt = Field(16, description="Largest file that is kept, in MB.")

    keep_chat_files_days: NonNegativeInt = Field(
        90,
        description=(
            "Days that operators can see a file that is sent outside of a form; 0 keeps none."
        ),
    )

    @field_validator("files_keys")
    @classmethod
    def _are_needed(
        cls, keys: tuple[SecretStr, ...], info: ValidationInfo
    ) -> tuple[SecretStr, ...]:
        if not keys and info.data.get("keep_files") == ENCRYPTED:
            raise invalid(
                "KEEP_FILES is encrypted, which needs a key: `python3 watch.py files new-key` "
                "prints one"
            )
        return keys

    @property
    def are_kept(self) -> bool:
        """Whether new files are kept."""
        return self.keep_files == ENCRYPTED and self.max_bytes > 0

    def room(self, *, is_answer: bool) -> int:
        """Return the room for all files, in bytes; those outside of forms get half of it."""
        return self.max_bytes if is_answer else self.max_bytes // 2

    @property
    def max_bytes(self) -> int:
        """Room for all files together, in bytes."""
        return self.keep_files_mb * MEGABYTE

    @property
    def max_file_bytes(self) -> int:
        """Size of the largest file that is kept, in bytes."""
        return self.keep_file_mb * MEGABYTE


SETTINGS = KeptFilesSettings
