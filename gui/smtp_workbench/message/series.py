"""The messages of one run: the same draft, each with its own marks.

Building takes as long as sending does, which counts where thousands are sent. Messages of one
second differ in their random token only, unless they have numbers or signatures in them; so one is
built each second, and for the others the token is put in, once a trial has shown that this is the
same.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from smtp_workbench.message.build import Parcel, build
from smtp_workbench.message.content import Content
from smtp_workbench.message.draft import Draft
from smtp_workbench.message.occasion import Occasion


@dataclass(frozen=True, slots=True)
class _Model:
    """A built message, and the occasion that it was built for."""

    occasion: Occasion
    parcel: Parcel

    def made_for(self, occasion: Occasion) -> Parcel:
        """Return the message with the token of *occasion* in it."""
        old, new = self.occasion.random.encode(), occasion.random.encode()
        pieces = tuple(
            piece.replace(old, new) if isinstance(piece, bytes) else piece
            for piece in self.parcel.content.pieces
        )
        message_id = self.parcel.message_id.replace(self.occasion.random, occasion.random)
        return replace(self.parcel, content=Content(pieces), message_id=message_id)


class Series:
    """Makes the messages of *draft*, the first of them for *occasion*. Raises DraftError."""

    def __init__(self, draft: Draft, occasion: Occasion) -> None:
        self._draft, self._first = draft, occasion
        model = _Model(occasion, build(draft, occasion))
        trial = replace(occasion.next(), now=occasion.now)
        self._alike = model.made_for(trial) == build(draft, trial)
        self._model = model

    def parcel(self, number: int) -> Parcel:
        """Return the message with *number*, from 1; on any thread. Raises DraftError."""
        if number == 1:
            return self._model.parcel if self._model.occasion == self._first else self._built(1)
        if not self._alike:
            return self._built(number)
        model, now = self._model, datetime.now(self._first.now.tzinfo)
        if model.occasion.now.replace(microsecond=0) != now.replace(microsecond=0):
            occasion = replace(self._first.next(), number=number)
            model = self._model = _Model(occasion, build(self._draft, occasion))
            return model.parcel
        return model.made_for(self._first.next())

    def _built(self, number: int) -> Parcel:
        occasion = self._first if number == 1 else self._first.next()
        return build(self._draft, replace(occasion, number=number))
