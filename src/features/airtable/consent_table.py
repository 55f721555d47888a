"""The table Consent log: what people agreed to and withdrew."""

from features.airtable.base_schema import CONSENT_LOG
from features.airtable.record_mappers import ConsentEvent, consent_to_record
from services.operator_tables import OperatorTable, SyncedRows
from storage.tables.consents import consent


class ConsentTable(OperatorTable):
    """Shows consents; operators change nothing here."""

    schema = CONSENT_LOG
    is_filled_by_bot = True
    rows = SyncedRows(consent, ConsentEvent, consent.c.at, consent_to_record)
