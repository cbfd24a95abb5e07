from pathlib import Path

import pytest

from policy.checking import check
from policy.faults import PolicyError
from policy.reading import load
from tests.policy.folders import a_copy, edited, line_of, where

STALL = 'en = "Loss of drive power while driving", owner = "powertrain", from = 2020-01-01'
NOISE = 'owner = "quality", from = 2020-01-01, grey = true, supporters = ["powertrain", "purchasing"]'
OFFICE = (
    '{ zh = "管理办公室主任", en = "Head of the management office", email = "management-office@carmaker.example.com" }'
)
MOVED = 'owner = "electronics", from = 2020-01-01, until = 2025-01-01'
VP = 'vp = { zh = "首席客户官", en = "Chief Customer Officer", email = "customer-vp@carmaker.example.com" }'
CX_MANAGER = 'email = "cx-manager@carmaker.example.com"'

PLANTED = [
    # file, what stands there, what is planted, what the line of the fault holds, what the sentence says
    ("matrix.toml", STALL, STALL.replace("2020-01-01", "2021-01-01"), "engine.stall", "no owner from 2020-01-01"),
    ("matrix.toml", STALL, f"{STALL}, until = 2027-01-01", "engine.stall", "no owner from 2027-01-01 on"),
    ("matrix.toml", STALL, f"{STALL}, until = 2019-01-01", "engine.stall", "ends before it begins"),
    ("matrix.toml", STALL, STALL.replace("powertrain", "cx"), "engine.stall", "may own no tag"),
    ("matrix.toml", STALL, STALL.replace("powertrain", "engines"), "engine.stall", "'engines', which is no dep"),
    ("matrix.toml", 'code = "engine.stall"', 'code = "motor.stall"', "motor.stall", "begin it with engine."),
    ("matrix.toml", STALL, f"{STALL}, severity = 3", "severity", "not a key that is known"),
    ("matrix.toml", STALL, STALL.replace(', owner = "powertrain"', ""), "engine.stall", "owner is missing"),
    ("matrix.toml", STALL, f'{STALL}, supporters = ["body"]', "engine.stall", "is not grey"),
    ("matrix.toml", MOVED, MOVED.replace("2025", "2026"), 'owner = "driving", from = 2025', "has two owners"),
    ("matrix.toml", MOVED, MOVED.replace("2025", "2024"), 'owner = "driving", from = 2025', "2024-01-01 to 2025"),
    ("matrix.toml", MOVED, MOVED[: MOVED.index(", until")], 'owner = "driving", from = 2025', "has two owners"),
    ("matrix.toml", NOISE, NOISE[: NOISE.index(", supporters")], "engine.noise", "at least one supporter"),
    ("matrix.toml", NOISE, NOISE.replace('"purchasing"', '"quality"'), "engine.noise", "cannot support itself"),
    ("matrix.toml", NOISE, NOISE.replace("purchasing", "nobody"), '"nobody"', "'nobody', which is no department"),
    ("matrix.toml", 'id = "fuel"', 'id = "engine"', None, "System engine is there twice"),
    ("departments.toml", VP, "", "[department.cx]", "department.cx.vp is missing"),
    ("departments.toml", CX_MANAGER, 'email = ""', 'email = ""', "is not an e-mail address"),
    ("departments.toml", CX_MANAGER, 'email = "cx@nowhere"', "cx@nowhere", "is not an e-mail address"),
    ("departments.toml", CX_MANAGER, 'emial = "cx@example.com"', "emial", "correct its spelling"),
    ("departments.toml", '"400-000-0000"', '"ask for Li"', "ask for Li", "is no phone number"),
    ("departments.toml", "[desk.leadership]", "[desk.leaders]", "[desk.leaders]", "not a key that is known"),
    ("rules.toml", 'response = "4 hours"', "response = 4", "response = 4", "needs a number and a unit"),
    ("rules.toml", 'response = "4 hours"', 'response = "4"', "response =", 'a number and a unit, like "4 hours"'),
    ("rules.toml", 'response = "4 hours"', 'response = "4 weeks"', "4 weeks", "a unit is 'hours'"),
    ("rules.toml", 'response = "4 hours"', 'response = "0 hours"', "0 hours", "greater than 0"),
    ("rules.toml", 'life = "24 hours"', "life = 24", "notice_life = 24", "needs a number and a unit"),
    ("rules.toml", 'life = "24 hours"', 'life = "0 hours"', "notice_life", "greater than 0"),
    ("rules.toml", 'life = "90 calendar_days"', 'life = "90 days"', "link_life", "a unit is 'hours'"),
    ("rules.toml", 'life = "90 calendar_days"', 'life = "0 hours"', "link_life", "greater than 0"),
    ("rules.toml", 'call = "3 calendar_days"', "call = 3", "call = 3", "needs a number and a unit"),
    ("rules.toml", 'after = "5 calendar_days"', 'after = "5"', 'after = "5"', "a number and a unit"),
    ("rules.toml", 'to = "leadership"', 'to = "chairman"', "chairman", "'chairman', which is no department"),
    ("rules.toml", 'level = "leadership"', 'level = "service"', None, "a level fires once"),
    ("rules.toml", 'arbiter = "quality"', 'arbiter = "judge"', 'arbiter = "judge"', "'judge', which is no dep"),
    ("rules.toml", 'arbiter_when_party = "cx"', 'arbiter_when_party = "quality"', "_party", "rule on itself"),
    ("rules.toml", 'triage_desk = "cx"', 'triage_desk = "service"', None, "may own no tag"),
    ("rules.toml", 'yellow_share = "1/3"', 'yellow_share = "3/0"', "yellow_share", "no share between 0 and 1"),
    ("rules.toml", "hop_limit = 2", "hop_limit = 2\nhops = 3", "hops = 3", "not a key that is known"),
    ("rules.toml", 'on_rejection = "unstop"', 'on_rejection = "stop"', "on_rejection", "'unstop' or 'resume'"),
    ("plans.toml", 'response = "2 hours"', 'response = "2 h"', 'response = "2 h"', "a unit is 'hours'"),
    ("plans.toml", 'response = "2 hours"', 'answer = "2 hours"', 'answer = "2 hours"', "'triage', 'response'"),
    ("plans.toml", 'tier = "key"', 'tier = "golden"', "golden", "'ordinary', 'key' or 'vip'"),
    ("plans.toml", "major_from = 4", "major_from = 3", None, "major begins above medium"),
    ("plans.toml", 'id = "enquiry"', 'id = "key"', None, "Two plans are called key"),
    ("plans.toml", 'id = "key"', 'id = "key"\nthem = 3', "them = 3", "not a key that is known"),
    ("plans.toml", 'tier = "key"', 'tier = "vip"', None, "Plan key never counts"),
    ("plans.toml", 'wording = "vip"', 'wording = "V I P"', "V I P", "should match pattern"),
    ("calendar.toml", 'zone = "Asia/Shanghai"', 'zone = "Asia/Atlantis"', None, "Atlantis"),
    ("calendar.toml", 'monday = ["08:30-12:00"', 'monday = ["8:30-12"', "monday", "'8:30-12' is no span of a day"),
    ("departments.toml", f"people = [{OFFICE}]", "people = []", "people = []", "it is empty"),
    ("calendar.toml", 'friday = ["08:30-12:00"', 'friday = ["08:30-13:30"', "friday =", "do not overlap"),
    ("calendar.toml", '"13:00-17:30"]\ntuesday', '"22:00-09:00"]\ntuesday', "monday =", "before the next day's begins"),
    ("calendar.toml", "year = 2026", "year = 2028", "year = 2028", "2026 is missing before 2028"),
    ("calendar.toml", "year = 2025", "year = 2023", "year = 2023", "2023 stands after 2024"),
    ("calendar.toml", "2025-01-26, ", "2025-01-24, ", "2025-01-24", "is a Friday, which works anyway"),
    ("calendar.toml", "2025-01-26, ", "2025-02-01, ", "2025-02-01", "a day off and a make-up day at once"),
    ("calendar.toml", "2025-01-26, ", "2024-01-27, ", "2024-01-27", "is not in 2025"),
    ("calendar.toml", "2025-01-26, ", "2025-02-08, ", "2025-02-08, 2025-02-08", "is there twice"),
    ("calendar.toml", "last = 2025-04-06", "last = 2025-05-01", "first = 2025-05-01", "before Tomb-Sweeping Day"),
    ("calendar.toml", "first = 2025-01-01", "first = 2024-11-30", "2024-11-30", "New Year is not in 2025"),
    ("calendar.toml", "[calendar.plant]", "[calendar.Plant]", None, "should match pattern"),
    ("departments.toml", 'calendar = "plant"', 'calendar = "moon"', "moon", "'moon', which is no calendar"),
    ("calendar.toml", "last = 2024-02-17", "last = 2024-02-07", "2024-02-07", "ends before it begins"),
    ("mappings.toml", '"动力消失" = "engine.stall"', '"动力消失" = "engine.dies"', "engine.dies", "not in the matrix"),
    ("retention.toml", "restrict = 36\nerase = 120", "restrict = 120\nerase = 120", None, "must come before"),
    ("retention.toml", "erase = 72", "erase = 60", None, "72 months at least"),
    ("retention.toml", "erase = 72", 'erase = "six years"', "six years", "valid integer"),
    ("retention.toml", "erase = 120", "erase = 120\nkeep = 3", "keep = 3", "not a key that is known"),
    ("retention.toml", 'record = "safety"', 'record = "complaint"', None, "one [[keep]] for each"),
]  # fmt: skip


def test_the_shipped_policy_has_no_fault() -> None:
    assert check() == ()


@pytest.mark.parametrize(("file", "old", "new", "mark", "words"), PLANTED)
def test_a_planted_fault_is_found_on_its_line(
    tmp_path: Path, file: str, old: str, new: str, mark: str | None, words: str
) -> None:
    folder = edited(tmp_path, file, old, new)
    found = [fault for fault in check(folder) if words in fault.sentence]
    assert found, [str(fault) for fault in check(folder)]
    if mark:
        assert where(found[0]) == (file, line_of(folder / file, mark))


def test_a_step_that_never_fires_is_a_fault(tmp_path: Path) -> None:
    step = 'after = "10 calendar_days"\nrisk_at_least = 5\n'
    folder = edited(tmp_path, "rules.toml", step, "")
    (fault,) = check(folder)
    assert "never fires" in fault.sentence
    assert where(fault) == ("rules.toml", line_of(folder / "rules.toml", 'level = "leadership"') - 1)


@pytest.mark.parametrize("day", ["2020-01-01", "2020-01-02"])
def test_each_version_needs_its_own_id_and_a_later_day(tmp_path: Path, day: str) -> None:
    path = a_copy(tmp_path) / "rules.toml"
    first = path.read_text(encoding="utf-8")
    again = first[first.index("[[version]]") :].replace("from = 2020-01-01", f"from = {day}")
    path.write_text(first + again, encoding="utf-8")
    header = len(first.splitlines()) + 1
    expected = {header + 1: "called 2020.1"} | ({header + 2: "not after"} if day == "2020-01-01" else {})
    found = {fault.line: fault.sentence for fault in check(tmp_path)}
    assert found.keys() == expected.keys()
    assert all(words in found[line] for line, words in expected.items())


def test_a_version_older_than_the_matrix_shows_every_gap(tmp_path: Path) -> None:
    folder = edited(tmp_path, "rules.toml", "from = 2020-01-01", "from = 2019-12-31")
    rows = (folder / "matrix.toml").read_text(encoding="utf-8").count("from = 2020-01-01")
    assert len(check(folder)) == rows
    assert all("no owner from 2019-12-31 to 2020-01-01" in fault.sentence for fault in check(folder))


def test_a_tag_with_two_rows_for_one_day_has_two_owners(tmp_path: Path) -> None:
    row = f'  {{ code = "engine.stall", zh = "行驶中动力消失", {STALL}, complex = true, red_line = true }},\n'
    folder = edited(tmp_path, "matrix.toml", row, row + row.replace("powertrain", "battery"))
    (fault,) = check(folder)
    assert "engine.stall has two owners, powertrain and battery" in fault.sentence
    assert fault.line == line_of(folder / "matrix.toml", "engine.stall") + 1


def test_working_time_without_a_working_day_is_a_fault(tmp_path: Path) -> None:
    folder = edited(tmp_path, "rules.toml", 'call = "3 calendar_days"', 'call = "3 working_days"')
    text = (folder / "calendar.toml").read_text(encoding="utf-8")
    idle = text[: text.index("monday")] + text[text.index("[[year]]") : text.index("[calendar.plant]")]
    (folder / "calendar.toml").write_text(idle, encoding="utf-8")
    edited_again = (folder / "departments.toml").read_text(encoding="utf-8").replace('calendar = "plant"', "")
    (folder / "departments.toml").write_text(edited_again, encoding="utf-8")
    (fault,) = check(folder)
    assert "no day of the week works" in fault.sentence
    assert where(fault) == ("calendar.toml", line_of(folder / "calendar.toml", "[week]"))


def test_every_faulty_file_is_named_at_once(tmp_path: Path) -> None:
    folder = a_copy(tmp_path)
    (folder / "rules.toml").unlink()
    (folder / "matrix.toml").write_text('[[system]]\nid = "engine\n', encoding="utf-8")
    (folder / "calendar.toml").write_bytes('# ok\nzone = "上海"'.encode("gbk"))
    assert {where(fault) for fault in check(folder)} == {
        ("rules.toml", 0),
        ("matrix.toml", 2),
        ("calendar.toml", 2),
    }


def test_loading_refuses_with_every_fault_a_line(tmp_path: Path) -> None:
    folder = edited(tmp_path, "rules.toml", 'response = "4 hours"', "response = 4\nextra = 1")
    with pytest.raises(PolicyError) as refused:
        load(folder)
    first = line_of(folder / "rules.toml", "response = 4")
    assert [fault.line for fault in refused.value.faults] == [first, first + 1]
    assert str(refused.value).startswith(f"{folder / 'rules.toml'}:{first}: version.0.clocks.response")
