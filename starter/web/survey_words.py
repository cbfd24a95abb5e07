"""What the customer's page says, in Chinese and in English."""

from domain.wording import Both, Language

_WORDS: dict[str, Both] = {
    "title": ("问题解决了吗？", "Is the problem gone?"),
    "other_language": ("English", "中文"),
    "ticket": ("工单号", "Ticket"),
    "problem": ("您反馈的问题", "What you told us of"),
    "claimed": (
        "{department}于 {day} 告诉我们：问题已经解决。我们想听您亲口确认。",
        "On {day}, {department} told us that it is solved. We would like to hear it from you.",
    ),
    "claimed_without_name": (
        "我们认为问题已经解决，想听您亲口确认。",
        "We believe that it is solved, and would like to hear it from you.",
    ),
    "answer": ("问题解决了吗？", "Is the problem gone?"),
    "confirm": ("已解决", "Yes, it is gone"),
    "reject": ("没有解决", "No, it is still there"),
    "consequence": (
        "选“已解决”，工单关闭；选“没有解决”，责任部门继续处理。没有您的确认，我们不会关闭工单。",
        "With yes we close it; with no, those responsible go on. Without your word we do not close it.",
    ),
    "ratings": ("请为我们打分（1 最差，5 最好，可不填）", "How did we do? (1 worst, 5 best; you may leave any out)"),
    "attitude": ("服务态度", "Attitude"),
    "ability": ("专业能力", "Ability"),
    "convenience": ("便利程度", "Convenience"),
    "fair_charge": ("收费合理", "Fair charge"),
    "complaint_handling": ("投诉处理", "Handling of your complaint"),
    "recommend": (
        "您有多愿意把我们推荐给亲友？（0 不会，10 一定会，可不填）",
        "How likely are you to recommend us? (0 never, 10 certainly; you may leave it out)",
    ),
    "words": ("还想告诉我们什么？（可不填）", "Anything else you want to tell us? (you may leave it out)"),
    "send": ("提交", "Send"),
    "answer_missing": ("请先选择“已解决”或“没有解决”。", "Please choose first whether the problem is gone."),
    "answer_wrong": (
        "有一项填写不正确，请检查后再提交。",
        "Something you filled in is not right; check it and send it again.",
    ),
    "words_too_long": ("留言请不要超过 2000 字。", "Please keep your words under 2000 characters."),
    "thanks": ("谢谢，我们收到了您的答复", "Thank you, we have your answer"),
    "after_confirm": (
        "很高兴问题已经解决。如果再次出现，请随时联系我们。",
        "We are glad that it is solved. Should it come back, please tell us.",
    ),
    "after_reject": (
        "很抱歉问题没有解决。责任部门会继续处理，我们会再次请您确认。",
        "We are sorry that it is not. Those responsible go on with it, and we will ask you again.",
    ),
    "you_said": ("您的答复", "Your answer"),
    "stale": ("这个链接已经过期", "This link is no longer valid"),
    "stale_why": (
        "这张工单后来有了新的进展，这一轮回访已经结束。如有新的链接，请打开最新的那一个；如问题仍在，请联系客服。",
        "Things have moved on since we asked, so this question is settled. If you have a newer link, please open that "
        "one; if the problem is still there, please call us.",
    ),
    "unrecorded": ("您的答复没有记录成功", "Your answer could not be recorded"),
    "unrecorded_why": (
        "非常抱歉。您写下的话已经保存；请致电客服告诉我们问题是否解决，我们会为您登记。",
        "We are sorry. What you wrote is kept; please call us and say whether the problem is gone: we note it.",
    ),
    "not_found": ("没有找到这个页面", "There is no such page"),
    "not_found_why": (
        "请检查链接是否完整，或联系客服。",
        "Please check that the link is complete, or call our service.",
    ),
    "busy": ("请稍等一会儿", "A moment, please"),
    "busy_why": ("访问过于频繁，请一分钟后再试。", "That was too often; please try again in a minute."),
    "away": ("暂时无法处理", "We cannot take it just now"),
    "away_why": ("请几分钟后返回再提交一次。", "Please go back and send it again in a few minutes."),
}


def say(key: str, language: Language) -> str:
    zh, en = _WORDS[key]
    return zh if language == "zh" else en
