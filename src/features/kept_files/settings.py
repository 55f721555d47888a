"""Settings of kept files."""

from typing import ClassVar

from pydantic import Field, NonNegativeInt
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel

MEGABYTE = 1024 * 1024


class KeptFilesSettings(SettingsModel):
    """How much room the files of people may take."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Kept files: photos and documents that people send"
    )

    keep_files_mb: NonNegativeInt = Field(
        1024, description="Room for all files together in the database, in MB; 0 keeps none."
    )
    keep_file_mb: NonNegativeInt = Field(16, description="Largest file that is kept, in MB.")

    keep_chat_files_days: NonNegativeInt = Field(
        30,
        description=(
            "Days that operators can see a file that is sent outside of a form; 0 keeps none."
        ),
    )

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
