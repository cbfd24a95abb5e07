"""Who holds the posts that decide about a red line."""

from policy.reading import PolicyFiles
from policy.red_line_calling import LEADERSHIP
from policy.tables import Person, Position


def holders(files: PolicyFiles, post: str) -> tuple[Person, ...]:
    """Who holds a post of the chain today; nobody when the department is no more."""
    if post == LEADERSHIP:
        return files.sheets.departments.table.desk.leadership.people
    department, _, position = post.partition(".")
    return files.people(department, Position(position))
