"""Which attribute links two resources: read off the names, since the service names keys after what they point to."""

from __future__ import annotations

from paymo_async.models.base import Attribute, Declaration

__all__ = ["foreign_key", "linking_key"]


def foreign_key(child: Declaration, parent: Declaration) -> Attribute | None:
    """The attribute of `child` that holds its parent's id, read off the child's include of one such parent.

    None where the child does not say.
    """
    for link in child.includes.values():
        if not link.many and link.target is parent.cls and (key := linking_key(child, link.wire)) is not None:
            return key
    return None


def linking_key(declared: Declaration, include: str) -> Attribute | None:
    """The key behind an include of one object, by the include's name; None where no attribute fits it.

    `invoiceitem` is `invoice_item_id`, `workflowstatus` is `status_id`, a report's `client` is `share_client_id`.
    """
    stems = {
        attribute.wire.removesuffix("_id").replace("_", ""): attribute
        for attribute in declared.attributes.values()
        if attribute.wire.endswith("_id") and not attribute.marks.filter_only
    }
    if include in stems:
        return stems[include]
    fitting = (key for stem, key in stems.items() if include.endswith(stem) or stem.endswith(include))
    return next(fitting, None)
