"""The words people read: every code of the core as a sentence or a name, in Chinese and in English."""

from typing import Literal

from domain.case import CaseKind, LifeCycle, ThirdParty, Voice
from domain.commands import CallOutcome, Role, RootCause
from domain.complaint import Stage
from domain.custody import Custody
from domain.demands import DemandDecision, Remedy
from domain.events import Closing, DisputeCause, EscalationCause, Origin
from domain.hops import Response
from domain.lights import Light
from domain.motions import Motion
from domain.plans import ComplaintGrade
from domain.policy import ClockKind, EscalationLevel
from domain.refusals import Refusal

Language = Literal["zh", "en"]
Both = tuple[str, str]  # zh, en

_REFUSALS: dict[str, Both] = {
    Refusal.NOT_AT_THIS_STAGE: (
        "这张工单目前的阶段不能做这个操作；请先查看它的当前状态。",
        "The complaint's stage does not allow this; look at where it stands first.",
    ),
    Refusal.NOT_YOURS: (
        "这一步轮不到您：只有当前责任方可以这样做。",
        "This step is not yours: only the one it is up to now may take it.",
    ),
    Refusal.ALREADY_ACCEPTED: (
        "贵部门已接单，无需再次接单。",
        "Your department has accepted it already; go on working.",
    ),
    Refusal.ONLY_ARBITRATION_MOVES_IT: (
        "接单（含视同接单）之后只有仲裁能改派；如确有异议，请带举证提出争议。",
        "Once accepted, by word or by silence, only arbitration moves it; contest it with evidence instead.",
    ),
    Refusal.GREY_LEAD_KEEPS_IT: (
        "灰色问题的牵头部门不得退单；请邀请协责部门，或带举证申请仲裁。",
        "The lead of a grey issue may not hand it back; call in support, or contest it with evidence.",
    ),
    Refusal.EVIDENCE_MISSING: (
        "没有举证不能转出：请先上传至少一份证据，再附上它。",
        "Without evidence it stays with you: upload at least one piece of proof and attach it.",
    ),
    Refusal.REASON_MISSING: ("请写明理由。", "Say why, in a note, and attach it."),
    Refusal.UNKNOWN_DEPARTMENT: (
        "归属矩阵里没有这个部门；请从矩阵中选择。",
        "The ownership matrix has no such department; choose one that is in it.",
    ),
    Refusal.ALREADY_THEIRS: ("该部门已在负责这张工单。", "That department is on it already; choose another."),
    Refusal.RULING_IS_FINAL: ("仲裁为终局裁定，不能再争议。", "The ruling is final; it cannot be contested again."),
    Refusal.NOTHING_TO_CONFIRM: (
        "目前没有等待客户确认的解决申请。",
        "No claim is waiting for the customer's word now.",
    ),
    Refusal.STALE_ROUND: (
        "这是上一轮的回访；请使用最新一轮的链接。",
        "That was an earlier round; answer the latest one.",
    ),
    Refusal.CLAIMANT_MAY_NOT_CLOSE: (
        "提出已解决申请的部门不能自行确认或关单；由客户或客服完成。",
        "Those who claimed it solved may not confirm or close it; the customer or CX does.",
    ),
    Refusal.TOO_FEW_ATTEMPTS: (
        "电话联系次数不足，还不能按“无法联系”关单；请继续联系客户。",
        "Too few calls for closing as unreachable; keep calling the customer.",
    ),
    Refusal.ALREADY_ESCALATED: (
        "已经升级到这一级，请等待受理人处理。",
        "It has been escalated there already; they act next.",
    ),
    Refusal.NOTHING_TO_ACKNOWLEDGE: ("没有等待您确认的升级。", "No escalation of that level waits to be acknowledged."),
    Refusal.UNKNOWN_TAG: (
        "故障标签不在归属矩阵中；请选择矩阵里的标签。",
        "No such fault tag in the matrix; choose one that is.",
    ),
    Refusal.PROPOSAL_PENDING: (
        "已有一项提议在等待第二人决定；请先等待结果。",
        "A proposal waits for a second person already; wait for their word.",
    ),
    Refusal.NOTHING_PROPOSED: ("没有等待决定的提议。", "No proposal waits to be decided."),
    Refusal.SECOND_PERSON_NEEDED: (
        "提议人及其部门不能自己同意；请由另一部门的人决定。",
        "Who proposed it may not agree to it, nor may their department; let somebody else decide.",
    ),
    Refusal.NOT_IRRATIONAL: (
        "只有经两人认定为非理性的投诉才能这样结束；请先提议认定。",
        "Only a complaint that two people call irrational may end so; propose that first.",
    ),
    Refusal.NO_SOLUTION_REJECTED: (
        "客户还没有拒绝过任何解决方案；请先提出方案并回访。",
        "The customer has not said no to any solution yet; offer one and ask first.",
    ),
    Refusal.DEMAND_OPEN: (
        "客户的更换或退货要求尚未办结；请先答复并办结，再结束工单。",
        "The customer's demand for a replacement or refund is still open; answer it and carry it out first.",
    ),
    Refusal.NOTHING_DEMANDED: (
        "客户没有待办结的更换或退货要求；请先登记。",
        "No demand for a replacement or refund is open; record it first.",
    ),
    Refusal.DEMAND_ANSWERED: (
        "该要求已经答复过；请按答复办结。",
        "That demand has been answered already; carry out the answer.",
    ),
    Refusal.MANAGER_NEEDED: (
        "拒绝更换或退货须由部门负责人决定；请交由经理及以上人员答复。",
        "Only a manager or somebody above may refuse a demand; let them answer it.",
    ),
    Refusal.NOTHING_CHANGES: ("内容与现状相同，没有可更改的。", "It is so already; nothing would change."),
    Refusal.CANNOT_MERGE_INTO_ITSELF: (
        "不能并入它自己；请填写另一张工单号。",
        "It cannot be merged into itself; name the other.",
    ),
    Refusal.COMMAND_ID_REUSED: (
        "这个命令编号已用于内容不同的操作；请换一个新的编号重发。",
        "This command id was used for something else; send it again under a new one.",
    ),
    Refusal.FLOODED: (
        "这张工单同时收到的消息过多，这条没有处理；请过一分钟再发。",
        "Too many messages came for this complaint at once and this one was not taken; send it again in a minute.",
    ),
    Refusal.CLOSED: (
        "工单已关闭；如问题再次出现，请新建工单。",
        "It is closed; if the problem is back, open a new ticket.",
    ),
}

_NAMES: dict[str, Both] = {
    Stage.TRIAGE: ("客服分拣", "triage"),
    Stage.DISPATCHED: ("待响应", "waiting for an answer"),
    Stage.IN_WORK: ("处理中", "in work"),
    Stage.ARBITRATION: ("仲裁中", "in arbitration"),
    Stage.VERIFICATION: ("回访中", "waiting for the customer's word"),
    Stage.CLOSED: ("已关闭", "closed"),
    Light.GREEN: ("绿灯", "green"),
    Light.YELLOW: ("黄灯", "yellow"),
    Light.RED: ("红灯", "red"),
    f"clock:{ClockKind.TRIAGE}": ("分拣时限", "triage clock"),
    f"clock:{ClockKind.RESPONSE}": ("响应时限", "response clock"),
    f"clock:{ClockKind.RESOLUTION}": ("解决时限", "resolution clock"),
    f"clock:{ClockKind.ARBITRATION}": ("仲裁时限", "arbitration clock"),
    f"clock:{ClockKind.VERIFICATION}": ("回访时限", "verification clock"),
    f"clock:{ClockKind.PROGRESS}": ("进展承诺", "promise of progress"),
    f"clock:{ClockKind.LEGAL_REPLY}": ("法定答复期限", "legal time to answer"),
    f"clock:{ClockKind.LEGAL_COMPLETION}": ("法定办结期限", "legal time to carry out"),
    f"custody:{Custody.TRIAGE}": ("客服分拣，不计入部门", "CX triage; charged to no department"),
    f"custody:{Custody.TURN}": ("责任部门处理，计时", "the department's turn; it counts"),
    f"custody:{Custody.VERIFICATION}": ("等待客户答复，不计入部门", "the customer is being asked; it does not count"),
    f"custody:{Custody.REJECTED}": ("客户驳回，申请无效", "the customer said no; the claim stopped nothing"),
    f"custody:{Custody.ARBITRATION}": ("仲裁处理，不计入部门", "before the arbiter; charged to no department"),
    f"period:{LifeCycle.TRIAL}": ("试制期", "trial vehicles"),
    f"period:{LifeCycle.LAUNCH}": ("上市初期", "just launched"),
    f"period:{LifeCycle.MATURE}": ("成熟期", "mature"),
    f"period:{LifeCycle.RUN_OUT}": ("停产期", "run out"),
    f"standing:{Voice.PRIVATE}": ("个人客户", "a private customer"),
    f"standing:{Voice.FLEET}": ("车队客户", "a fleet"),
    f"standing:{Voice.PUBLIC}": ("意见领袖、媒体或法律从业者", "an opinion leader, of the media or of the law"),
    f"third_party:{ThirdParty.NONE}": ("无第三方", "nobody else"),
    f"third_party:{ThirdParty.FORUM}": ("网络平台发帖", "a forum"),
    f"third_party:{ThirdParty.HOTLINE}": ("12315 或 12345 热线", "the authorities' line (12315, 12345)"),
    f"third_party:{ThirdParty.LETTER}": ("律师函或监管函", "a lawyer's or a regulator's letter"),
    f"third_party:{ThirdParty.MEDIA}": ("媒体曝光或诉讼", "the media or a court"),
    f"case_kind:{CaseKind.COMPLAINT}": ("投诉", "a complaint"),
    f"case_kind:{CaseKind.ENQUIRY}": ("咨询", "an enquiry"),
    f"case_kind:{CaseKind.REPAIR}": ("维修", "a repair"),
    f"case_kind:{CaseKind.RESCUE}": ("救援", "a rescue"),
    "customer": ("客户", "the customer"),
    "cx-triage": ("客服分拣台", "CX triage"),
    "arbiter": ("仲裁人", "the arbiter"),
    "leadership": ("公司领导", "leadership"),
    f"role:{Role.RESPONDER}": ("责任人", "responder"),
    f"role:{Role.MANAGER}": ("经理", "manager"),
    f"role:{Role.DIRECTOR}": ("总监", "director"),
    f"role:{Role.VP}": ("副总裁", "VP"),
    f"role:{Role.CX}": ("客服", "CX agent"),
    f"role:{Role.ARBITER}": ("仲裁人", "arbiter"),
    f"role:{Role.COORDINATOR}": ("协调员", "coordinator"),
    f"role:{Role.LEADERSHIP}": ("公司领导", "leadership"),
    f"role:{Role.DEALER}": ("经销商", "dealer"),
    f"role:{Role.OPS}": ("运维", "ops"),
    f"role:{Role.INTEGRATION}": ("对接系统", "connected system"),
    f"role:{Role.CUSTOMER}": ("客户", "customer"),
    "command:accept": ("接单", "Accept"),
    "command:transfer": ("举证转派", "Transfer with evidence"),
    "command:contest": ("提出争议", "Contest"),
    "command:arbitrate": ("裁定归属", "Rule who owns it"),
    "command:request_support": ("邀请协助", "Call in support"),
    "command:post_progress": ("通报进展", "Post progress"),
    "command:claim": ("申请已解决", "Claim it solved"),
    "command:record_verification_call": ("登记回访电话", "Record a call"),
    "command:close_unreachable": ("按联系不上关单", "Close as unreachable"),
    "command:escalate": ("申请升级协调", "Escalate"),
    "command:acknowledge": ("确认收到升级", "Acknowledge escalation"),
    "command:reclassify": ("重新分类", "Classify anew"),
    "command:report_facts": ("报告案情", "Report facts"),
    "command:propose": ("提请第二人同意", "Ask a second person to agree"),
    "command:decide_proposal": ("决定提议", "Decide the proposal"),
    f"motion:{Motion.IRRATIONAL}": ("认定为非理性投诉", "call it irrational"),
    f"motion:{Motion.END}": ("客户不认可也予结束", "end it though the customer says no"),
    "command:record_demand": ("登记更换或退货要求", "Record a demand for replacement or refund"),
    "command:decide_demand": ("答复或办结要求", "Answer the demand or end it"),
    f"remedy:{Remedy.REPLACEMENT}": ("更换", "a replacement"),
    f"remedy:{Remedy.REFUND}": ("退货", "a refund"),
    f"decision:{DemandDecision.GRANTED}": ("同意办理", "granted"),
    f"decision:{DemandDecision.REFUSED}": ("拒绝并说明理由", "refused, with the reasons"),
    f"decision:{DemandDecision.COMPLETED}": ("已办结", "carried out"),
    f"decision:{DemandDecision.DROPPED}": ("客户不再要求", "no longer demanded"),
    "agrees:true": ("同意", "agree"),
    "agrees:false": ("不同意", "do not agree"),
    "command:withdraw": ("客户撤回", "Withdraw for the customer"),
    "command:merge_into": ("并入另一工单", "Merge into another"),
    "command:customer_reply": ("客户答复", "The customer's answer"),
    "command:adopt_policy": ("改用新规则", "Adopt new rules"),
    f"origin:{Origin.DISPATCH}": ("派单", "dispatch"),
    f"origin:{Origin.TRANSFER}": ("转派", "transfer"),
    f"origin:{Origin.RULING}": ("仲裁", "ruling"),
    f"origin:{Origin.RECLASSIFICATION}": ("重新分类", "reclassification"),
    f"response:{Response.ACCEPTED}": ("已接单", "taken on"),
    f"response:{Response.TRANSFERRED}": ("已转出", "handed on"),
    f"response:{Response.CONTESTED}": ("提出争议", "contested"),
    f"response:{Response.RULED}": ("由仲裁裁定", "ruled by the arbiter"),
    f"dispute:{DisputeCause.CONTESTED}": ("责任方提出争议", "the owner contests it"),
    f"dispute:{DisputeCause.SENT_BACK}": ("要退回曾经负责的部门", "it would go back to a department that had it"),
    f"dispute:{DisputeCause.HOP_LIMIT}": ("流转次数已达上限", "it would be one hop too many"),
    f"dispute:{DisputeCause.RECLASSIFIED}": ("接单后重新分类", "it was classified anew after it had been taken on"),
    f"level:{EscalationLevel.STATION}": ("服务站级", "service-station level"),
    f"level:{EscalationLevel.SERVICE}": ("服务部级", "service-department level"),
    f"level:{EscalationLevel.LEADERSHIP}": ("公司领导级", "leadership level"),
    f"escalation:{EscalationCause.AGE}": ("超过时限未关闭", "it has been open too long"),
    f"escalation:{EscalationCause.RISK}": ("风险等级高", "its risk is high"),
    f"escalation:{EscalationCause.CANNOT_BE_COORDINATED}": ("本级无法协调", "it cannot be coordinated at this level"),
    f"call:{CallOutcome.CONFIRMED}": ("客户确认解决", "the customer confirms"),
    f"call:{CallOutcome.REJECTED}": ("客户表示未解决", "the customer says no"),
    f"call:{CallOutcome.UNREACHED}": ("未接通", "nobody was reached"),
    f"closing:{Closing.CONFIRMED}": ("客户确认解决", "the customer confirms"),
    f"closing:{Closing.UNREACHABLE}": ("多次联系不上客户", "the customer could not be reached"),
    f"closing:{Closing.WITHDRAWN}": ("客户撤回", "the customer took it back"),
    f"closing:{Closing.MERGED}": ("并入另一工单", "it was merged into another"),
    f"closing:{Closing.IN_DISAGREEMENT}": (
        "客户不认可，经两人同意结束",
        "it ended though the customer says no, as two agreed",
    ),
    f"grade:{ComplaintGrade.GENERAL}": ("一般投诉", "a general complaint"),
    f"grade:{ComplaintGrade.MEDIUM}": ("中等投诉", "a medium complaint"),
    f"grade:{ComplaintGrade.MAJOR}": ("重大投诉", "a major complaint"),
    f"grade:{ComplaintGrade.IRRATIONAL}": ("非理性投诉", "an irrational complaint"),
    f"root_cause:{RootCause.DESIGN}": ("设计", "design"),
    f"root_cause:{RootCause.MANUFACTURING}": ("制造", "manufacturing"),
    f"root_cause:{RootCause.SUPPLIER_PART}": ("供应商零件", "a supplier's part"),
    f"root_cause:{RootCause.SOFTWARE}": ("软件", "software"),
    f"root_cause:{RootCause.SERVICE_WORK}": ("维修作业", "service work"),
    f"root_cause:{RootCause.SALES_CONDUCT}": ("销售行为", "sales conduct"),
    f"root_cause:{RootCause.LOGISTICS}": ("物流", "logistics"),
    f"root_cause:{RootCause.USAGE}": ("使用方式", "usage"),
    f"root_cause:{RootCause.NO_FAULT_FOUND}": ("未发现故障", "no fault found"),
}


def refusal(code: str, language: Language) -> str:
    """Why it was refused and what to do, in a sentence."""
    zh, en = _REFUSALS.get(
        code, ("消息无法读取，请检查格式后重发。", "The message could not be read; check its fields and send it again.")
    )
    return zh if language == "zh" else en


def name(code: str, language: Language) -> str:
    """The word for a stage, a light or a desk, or for "<kind>:<code>" with one of these kinds: clock, custody, role,
    command, origin, response, dispute, level, escalation, call, closing, root_cause. A department's id is its own name
    here.
    """
    zh, en = both(code)
    return zh if language == "zh" else en


def both(code: str) -> Both:
    """As `name`, in both languages."""
    return _NAMES.get(code, (code, code))
