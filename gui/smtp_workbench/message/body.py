"""Which parts the body of a message has.

In full: mixed(alternative(text, related(HTML, its pictures), invitation), files).
"""

from collections.abc import Mapping
from dataclasses import replace
from email.message import MIMEPart

from smtp_workbench.message.attached import leaf_of
from smtp_workbench.message.calendar import calendar_of, method_of
from smtp_workbench.message.draft import Attachment, Draft, Invitation, TransferEncoding
from smtp_workbench.message.envelope import People
from smtp_workbench.message.html_text import text_of
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.parts import Assembly, Leaf
from smtp_workbench.message.text_part import text_leaf
from smtp_workbench.message.variables import expand, expand_html


def body_of(
    draft: Draft, people: People, values: Mapping[str, str], occasion: Occasion
) -> MIMEPart:
    """Return the body of *draft*, its variables replaced. Raises DraftError."""
    assembly = Assembly(occasion.random)
    html = expand_html(draft.html, values)
    text = expand(draft.text, values)
    if html and not text and draft.derive_text:
        text = text_of(html)
    pictures = [each for each in draft.attachments if html and each.content_id]
    files = [leaf_of(each) for each in draft.attachments if each not in pictures]
    versions = []
    if text or not (html or files):
        versions.append(assembly.leaf(text_leaf(text, "plain", draft.charset, draft.encoding)))
    if html:
        shown = [text_leaf(html, "html", draft.charset, draft.encoding), *map(leaf_of, pictures)]
        versions.append(_together(assembly, "related", [assembly.leaf(leaf) for leaf in shown]))
    if draft.invitation:
        meeting = replace(draft.invitation, summary=draft.invitation.summary or draft.subject)
        invitation, file = _invitation(meeting, people, values, occasion)
        versions.append(assembly.leaf(invitation))
        files.append(file)
    parts = [_together(assembly, "alternative", versions)] if versions else []
    parts += [assembly.leaf(file) for file in files]
    return assembly.multipart("mixed", parts) if files else parts[0]


def _together(assembly: Assembly, subtype: str, parts: list[MIMEPart]) -> MIMEPart:
    return parts[0] if len(parts) == 1 else assembly.multipart(subtype, parts)


def _invitation(
    invitation: Invitation, people: People, values: Mapping[str, str], occasion: Occasion
) -> tuple[Leaf, Leaf]:
    """Return the invitation as a version of the text, and as a file for other programs."""
    domain = people.author[0].wire.rpartition("@")[2]
    uid = f"{occasion.random}@{domain}"
    text = calendar_of(invitation, people, occasion.now, uid, lambda text: expand(text, values))
    method = f"; method={method_of(invitation)}"
    version = text_leaf(text, "calendar", "utf-8", TransferEncoding.AUTO, method)
    file = Attachment(name="invite.ics", content_type="application/ics", data=text.encode())
    return version, leaf_of(file)
