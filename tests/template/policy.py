"""Whether a resource policy lets a caller act, as far as template.yaml uses IAM's language (IAM user guide, evaluation logic)."""

from fnmatch import fnmatchcase


def lets(document, action, **caller):
    """`caller`: `principal` as the policy would name it, and what is known of it as `source_arn`, `principal_arn`."""
    applying = [one for one in document["Statement"] if _applies(one, action, caller)]
    return bool(applying) and all(one["Effect"] == "Allow" for one in applying)


def _applies(statement, action, caller):
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    principal = statement["Principal"]
    named = principal == "*" or caller["principal"] in principal.values()
    return action in actions and named and all(
        _holds(operator, key, values, caller)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _holds(operator, key, values, caller):
    seen = caller.get({"aws:SourceArn": "source_arn", "aws:PrincipalArn": "principal_arn"}[key])
    values = values if isinstance(values, list) else [values]
    found = seen is not None and any(fnmatchcase(seen, value) for value in values)
    # A negated operator is met by a key that is not there.
    return {"ArnEquals": found, "ArnLike": found, "ArnNotEquals": not found, "ArnNotLike": not found}[operator]
