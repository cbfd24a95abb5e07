"""The roster: who gets a notice, and what people call those who answer for things. The policy's files say so."""

from datetime import datetime

from domain.outlets import Audience
from domain.wording import Language, name
from policy.reading import PolicyFiles


class PolicyRoster:
    """Reads the policy's people as they are now: a notice goes to whoever holds the post today."""

    def __init__(self, files: PolicyFiles) -> None:
        self._files = files

    @property
    def zone(self) -> str:
        """Where the company's clocks on the wall stand."""
        return self._files.sheets.calendar.table.zone

    def addresses(self, audience: Audience, department: str = "") -> tuple[str, ...]:
        """E-mail addresses, each once. Empty for the customer, whose address stands on the ticket."""
        return tuple(dict.fromkeys(self._files.addresses(audience, department)))

    def ways(self, address: str) -> tuple[str, ...]:
        """How whoever has this address is reached, the preferred way first."""
        return self._files.ways(address)

    def is_quiet(self, address: str, at: datetime) -> bool:
        """Whether nothing is to ring at whoever has this address."""
        return self._files.is_quiet(address, at)

    @property
    def customer_ways(self) -> tuple[str, ...]:
        """How customers are reached, the preferred way first: of "mail" and "sms"."""
        return self._files.customer_ways

    def name(self, code: str, language: Language) -> str:
        """A department's name, else the word for the code, else the code."""
        department = self._files.department(code)
        if department:
            return department.zh if language == "zh" else department.en
        return name(code, language)

    def tags(self, codes: tuple[str, ...], language: Language) -> str:
        """The names of fault tags as a list; a tag the matrix does not know is named by its code."""
        known = ((code, self._files.tag(code)) for code in codes)
        names = [(tag.zh if language == "zh" else tag.en) if tag else code for code, tag in known]
        return ("、" if language == "zh" else ", ").join(names)
