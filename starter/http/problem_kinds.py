"""Every problem the API answers with, beside the rules' refusals: status, title, and what to do; zh and en."""

from starter.http.red_line_kinds import RED_LINE_KINDS, Kind

KINDS: dict[str, Kind] = {
    "unreadable_body": Kind(
        400,
        ("无法读取请求内容", "The body cannot be read"),
        (
            "请求内容不是完整的 JSON（UTF-8）或表单；请检查后重发。",
            "The body is no JSON in UTF-8, or no whole form; mend it and send it again.",
        ),
    ),
    "not_signed_in": Kind(
        401,
        ("请先登录", "Sign in first"),
        (
            "没有登录，或密钥无效、已过期；请登录，或在 Authorization 中带上有效的密钥。",
            "There is no session, or the key is not valid any more; sign in, or send a valid key as bearer.",
        ),
    ),
    "bad_signature": Kind(
        401,
        ("签名无效", "The signature is not valid"),
        (
            "请核对 VOCLOOP_CRM_SIGNING 中该连接的密钥、原样发送的内容与发送方的时钟（误差不超过 5 分钟）。",
            "Check the connection's secret in VOCLOOP_CRM_SIGNING, that the very bytes signed are sent, and the clock.",
        ),
    ),
    "not_its_channel": Kind(
        403,
        ("不是该连接的渠道", "Not a channel of this connection"),
        (
            "该连接的密钥只能代表 VOCLOOP_CRM_CHANNELS 中列出的渠道；请更正 channel 或设置。",
            "This connection speaks only for its channels in VOCLOOP_CRM_CHANNELS; mend the channel or the setting.",
        ),
    ),
    "not_permitted": Kind(
        403,
        ("没有这项权限", "Not permitted"),
        (
            "您的角色或密钥没有这项权限；如有需要请联系运维。",
            "Your role, or this key, may not do this; ask ops if it should.",
        ),
    ),
    "not_you": Kind(
        403,
        ("不能代表他人", "That is not you"),
        (
            "actor 与登录身份不符；请不填 actor，或填写本人。",
            "The actor is somebody else than the one who asks; leave it out, or give your own.",
        ),
    ),
    "not_concerned": Kind(
        403,
        ("不是您的工单", "Not a complaint of yours"),
        (
            "只有负责、协助或裁定这张工单的部门与客服可以查看；如有需要请联系客服。",
            "Only those who have, support or rule on this complaint, and CX, may see this of it; ask CX.",
        ),
    ),
    "csrf": Kind(
        403,
        ("页面已失效", "The page is out of date"),
        ("请刷新页面后重试。", "Load the page again, then repeat what you did."),
    ),
    "cross_site": Kind(
        403,
        ("不接受其他网站的请求", "Not from another site"),
        (
            "浏览器从别的网站发来这个请求；请直接调用接口。",
            "A browser sent this from another site; call the API directly.",
        ),
    ),
    "not_found": Kind(
        404, ("没有这个地址", "No such address"), ("请到 /docs 查看所有地址。", "Look at /docs for every address.")
    ),
    "needs_no_seat": Kind(
        409,
        ("现在不需要坐席", "It calls for no seat"),
        (
            "只有待分类、待回访或需专家跟进的未结投诉才分配坐席。",
            "Only an open complaint in triage, in verification or for an expert has a seat of CX.",
        ),
    ),
    "unknown_complaint": Kind(
        404,
        ("没有这张工单", "Unknown complaint"),
        ("没有收到过这个工单号；请核对号码。", "No ticket of this number was ever taken; check the number."),
    ),
    "unknown_vehicle": Kind(
        404,
        ("没有这辆车", "Unknown vehicle"),
        (
            "没有收到过这个 VIN 的车辆信息或工单；请核对 VIN。",
            "Neither facts nor a ticket of this VIN were ever taken; check the VIN.",
        ),
    ),
    "evidence_not_found": Kind(
        404,
        ("没有这份证据", "Unknown evidence"),
        ("没有这个摘要的文件；请核对 SHA-256。", "No file has this digest; check the SHA-256."),
    ),
    "personal_gone": Kind(
        410,
        ("个人信息已清除或封存", "The personal data is gone"),
        (
            "这张工单的客户个人信息已按规定清除，或已封存、仅运维可调阅；如有需要请联系运维。",
            "This customer's personal data was erased, or put away where only ops may look; ask ops.",
        ),
    ),
    "unknown_webhook": Kind(
        404,
        ("没有这个推送", "Unknown webhook"),
        (
            "没有这个推送订阅或投递；请核对编号。",
            "No subscription or delivery has this id; look it up at /api/v1/webhooks.",
        ),
    ),
    "method_not_allowed": Kind(
        405,
        ("不支持这个方法", "Method not allowed"),
        ("这个地址不支持该方法；请到 /docs 查看。", "This address does not take that method; look at /docs."),
    ),
    "not_begun": Kind(
        409,
        ("工单尚未开始处理", "The complaint has not begun"),
        (
            "工单已收到，稍后即派发；请几秒后再查。",
            "The ticket is kept and will be dispatched; ask again in a few seconds.",
        ),
    ),
    "ticket_conflict": Kind(
        409,
        ("工单号已被占用", "Another ticket has this number"),
        (
            "同一工单号已收到过不同的内容，原内容保留；请改用新的工单号。",
            "This number came before with another content, which stays; send the new one under a number of its own.",
        ),
    ),
    "key_reused": Kind(
        409,
        ("幂等键已被使用", "The key was used before"),
        (
            "同一 Idempotency-Key 之前带来过不同的内容；请换一个新的键。",
            "This Idempotency-Key came before with another content; send this one under a new key.",
        ),
    ),
    "not_your_authority": Kind(
        403,
        ("没有这项授权", "Not your authority"),
        (
            "商誉费用由经理及以上、服务协调人、经销商或客服提出，超出部分由特殊索赔台或公司领导裁定，申请人不能自己裁定。",
            "Managers and above, coordinators, dealers and CX ask; the special-claims desk or leadership rule on it.",
        ),
    ),
    "unknown_goodwill": Kind(
        404,
        ("没有这项申请", "Unknown request"),
        ("没有收到过这项商誉申请；请核对编号。", "No goodwill was ever asked for under this id; check it."),
    ),
    "goodwill_not_held": Kind(
        409,
        ("没有预留额度", "Nothing is held"),
        (
            "预留已到期、已退回、被拒绝，或仍在特殊索赔台；请查看它的状态，必要时重新申请。",
            "The hold has expired, was given back or refused, or lies at the desk; look at it, and ask anew.",
        ),
    ),
    "goodwill_committed": Kind(
        409,
        ("已兑现", "Made good already"),
        ("这笔费用已经兑现，不能退回。", "It was made good, and cannot be given back."),
    ),
    "goodwill_not_at_desk": Kind(
        409,
        ("不在特殊索赔台", "Not at the desk"),
        ("特殊索赔台没有等待裁定的这项申请。", "The special-claims desk has nothing to rule on here."),
    ),
    "goodwill_too_much": Kind(
        409,
        ("超过申请金额", "More than was asked"),
        ("批准金额不能超过申请金额；请改小。", "No more can be granted than was asked for; grant less."),
    ),
    "no_statute": Kind(
        409,
        ("没有适用的三包规定", "No statute for this vehicle"),
        (
            "系统里没有这辆车购车时有效的三包规定，无法计算法定期限；请咨询法务，并用备注登记客户的要求。",
            "No statute that was in force when this vehicle was sold is kept here; ask counsel, and note the demand.",
        ),
    ),
    "merge_target_not_open": Kind(
        409,
        ("不能并入这张工单", "It cannot be merged into that one"),
        (
            "要并入的工单不存在、尚未派发或已经关闭；请核对工单号，改填一张仍在处理的工单。",
            "The ticket to merge into is unknown, not begun or closed; check its number, or name one that is open.",
        ),
    ),
    "too_large": Kind(
        413,
        ("内容过大", "Too large"),
        (
            "内容超过上限（JSON 64 KiB，证据默认 25 MB）；请缩小或分开上传。",
            "It is over the limit (64 KiB of JSON, usually 25 MB of evidence); send less, or send it in parts.",
        ),
    ),
    "too_many_pixels": Kind(
        413,
        ("图片的像素过多", "Too many pixels"),
        ("请缩小图片后上传。", "Make the picture smaller and upload it again."),
    ),
    "unsupported_media_type": Kind(
        415,
        ("不接受这种文件", "This type is not taken"),
        (
            "文件类型与所报种类不符或不被接受；请上传照片、视频、音频、日志或文档。",
            "Its type is not taken, or is not what it says; upload a photo, video, sound, log or document.",
        ),
    ),
    "not_of_this_kind": Kind(
        415,
        ("文件与所报类型不符", "Not of this kind"),
        ("请改选类型或换一个文件。", "Choose another kind or another file."),
    ),
    "range_not_satisfiable": Kind(
        416,
        ("文件没有这一段", "The file has no such part"),
        (
            "请求的范围超出文件末尾；请按 Content-Range 重新请求。",
            "The range begins behind its end, which Content-Range says.",
        ),
    ),
    "misdirected": Kind(
        421,
        ("地址不属于本服务", "Not this host"),
        ("请用本服务的地址访问，或设置 VOCLOOP_PUBLIC_URL。", "Call it by its own address, or set VOCLOOP_PUBLIC_URL."),
    ),
    "malformed": Kind(
        422,
        ("有字段缺失或不正确", "Fields are missing or wrong"),
        ("请按 errors 逐项修改后重发。", "Mend what `errors` lists and send it again."),
    ),
    "too_many_rows": Kind(
        422,
        ("行数过多", "Too many rows"),
        ("请加上筛选条件后再导出。", "Narrow the list and export it again."),
    ),
    "empty": Kind(422, ("文件是空的", "The file is empty"), ("请重新选择文件。", "Choose the file again.")),
    "evidence_unknown": Kind(
        422,
        ("证据尚未上传", "The evidence is not there"),
        (
            "所附证据没有在本工单下上传过；请先上传到 /api/v1/evidence。",
            "Evidence you attach was not uploaded for this ticket; upload it first, to /api/v1/evidence.",
        ),
    ),
    "too_many_attempts": Kind(
        429,
        ("尝试次数过多", "Too many attempts"),
        ("密钥多次无效；请稍后用有效的密钥再试。", "Too many keys were wrong; wait a minute, then send a valid one."),
    ),
    "internal": Kind(
        500,
        ("服务内部错误", "An error of ours"),
        (
            "已记录；请带上 reference 联系运维，稍后重试。",
            "It is on record; tell ops the reference, and try again later.",
        ),
    ),
    "not_answered": Kind(
        503,
        ("暂时没有答复", "No answer yet"),
        ("没有及时得到答复；请稍后原样重试。", "No answer came in time; send the same again in a moment."),
    ),
    "ledger_unavailable": Kind(
        503,
        ("账本暂不可用", "The ledger is away"),
        ("没有保存任何内容；请稍后重发。", "Nothing was kept; send it again a little later."),
    ),
    "evidence_damaged": Kind(
        502,
        ("文件已损坏", "The file is damaged"),
        (
            "文件与其摘要不符，因此不予提供；请联系运维从备份恢复。",
            "It is not what its digest says, so it is not handed out; ask ops to restore it from a backup.",
        ),
    ),
    "store_unavailable": Kind(
        503,
        ("证据库暂不可用", "The evidence store is away"),
        ("没有保存文件；请稍后重新上传。", "The file was not kept; upload it again a little later."),
    ),
    **RED_LINE_KINDS,
}
