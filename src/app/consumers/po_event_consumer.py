"""`send_po_approved_whatsapp(event_data)`: True once the event is stored, which the bot sends."""

from importlib import import_module

from app.ledger_names import ledger

ledger("connection")  # scripts open the database of the settings
try:
    _consumer = import_module("features.events.po_event_consumer")
except ModuleNotFoundError as error:
    raise ImportError("this needs the folder features/events, which is gone") from error

POEventConsumer = _consumer.POEventConsumer
send_po_approved_whatsapp = _consumer.send_po_approved_whatsapp
