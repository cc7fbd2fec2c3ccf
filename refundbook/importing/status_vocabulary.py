"""Words of a status in other languages, by what they say in English; a status of such words alone is read as that."""

from __future__ import annotations

from collections.abc import Mapping

_SAID = {
    "open": "offen ouvert ouverte abierto abierta aperto aperta 未处理",
    "new": "neu nouveau nouvelle nuevo nueva nuovo nuova 新建",
    "in progress": "in_bearbeitung in_arbeit laufend en_cours en_cours_de_traitement en_traitement "
    "en_proceso en_curso in_corso in_lavorazione 处理中 进行中 退款中 退货中",
    "pending": "ausstehend en_attente pendiente in_attesa in_sospeso 待处理 待审核 待退款 待确认 待退货 "
    "待商家处理 等待中",
    "under review": "in_prüfung wird_geprüft à_l'étude en_revisión in_revisione 审核中 调查中",
    "requested": "beantragt angefragt demandé demandée solicitado solicitada richiesto richiesta 申请中 已申请 已提交",
    "escalated": "eskaliert escaladé escalado escalada 已升级 平台介入",
    "refunded": "erstattet rückerstattet zurückerstattet remboursé remboursée reembolsado reembolsada "
    "rimborsato rimborsata 已退款 退款成功 退款完成",
    "partially refunded": "teilerstattet teilweise_erstattet partiellement_remboursé "
    "parcialmente_reembolsado parzialmente_rimborsato 部分退款",
    "fully refunded": "vollständig_erstattet voll_erstattet entièrement_remboursé totalmente_reembolsado "
    "interamente_rimborsato 全额退款",
    "rejected": "abgelehnt zurückgewiesen refusé refusée rejeté rejetée rechazado rechazada denegado "
    "denegada rifiutato rifiutata respinto respinta 已拒绝 拒绝 商家拒绝 审核不通过",
    "closed": "geschlossen abgeschlossen clôturé clôturée fermé fermée cerrado cerrada chiuso chiusa "
    "已关闭 关闭 退款关闭",
    "resolved": "gelöst résolu résolue resuelto resuelta risolto risolta 已解决",
    "completed": "erledigt fertig terminé terminée completado completada completato completata 已完成 完成 已完结",
    "cancelled": "storniert abgebrochen annulé annulée cancelado cancelada anulado annullato annullata 已取消 已撤销",
    "withdrawn": "zurückgezogen retiré retirée retirado ritirato 已撤回",
    "approved": "genehmigt bewilligt approuvé approuvée accepté acceptée aprobado aprobada approvato "
    "approvata 已同意 审核通过 已通过",
    "replaced": "ersetzt umgetauscht remplacé remplacée échangé reemplazado sostituito 已换货 换货成功",
}
IN_ENGLISH: Mapping[str, str] = {
    word.replace("_", " "): english for english, words in _SAID.items() for word in words.split()
}
"""What a whole status means, in lower case."""
