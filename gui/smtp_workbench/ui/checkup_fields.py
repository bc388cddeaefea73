"""What is typed on the Deliverability page: each field of `Wanted` is a row of this table."""

from typing import Final

from smtp_workbench.ui.fields import Editor, FieldSpec, _

FIELDS: Final = (
    FieldSpec(
        "domain",
        _("Domain"),
        tip=_("Of From; a mail address stands for its domain."),
        placeholder="example.com",
    ),
    FieldSpec(
        "address",
        _("Sending IP"),
        tip=_("The address from which the recipients' servers get the mail, for SPF and its name."),
        placeholder=_("192.0.2.1, if you know it"),
    ),
    FieldSpec(
        "selector",
        _("Selector"),
        other_names="DKIM: s=",
        tip=_("The DKIM key's name, as on the Message page or in what was sent last."),
        placeholder=_("s= of the DKIM signature"),
    ),
    FieldSpec(
        "resolver",
        _("Resolver"),
        tip=_("The address of a name server, with :port if it isn't 53."),
        placeholder=_("this system's"),
    ),
    FieldSpec(
        "fetch",
        "",
        Editor.FLAG,
        tip=_("Fetch the MTA-STS policy (HTTPS)"),
    ),
)
SUGGESTED: Final = ("domain", "selector")
"""The fields that follow message and connection until something is typed into them."""
