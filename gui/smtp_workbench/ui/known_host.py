"""The offer to take a provider's settings where the form has its host, but not these."""

from PySide6.QtCore import QCoreApplication

from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Finding, Fix, Severity
from smtp_workbench.settings.transport import Transport


def offer(transport: Transport) -> Finding | None:
    """Return a finding at the host with the settings of its provider; None: nothing to gain."""
    known = presets.by_host(transport.host)
    if known is None:
        return None
    change = Change({**known.change().fields, "host": transport.host})
    if change.apply(transport) == transport:
        return None
    message = _tr("This is {name}'s server.").format(name=known.name)
    fix = Fix(_tr("Use the settings of {name}").format(name=known.name), change)
    return Finding("host", Severity.NOTE, message, (fix,), label="preset:" + known.id)


def _tr(text: str) -> str:
    return QCoreApplication.translate("known_host", text)
