"""EventBridge's matching of events, as far as the rule of template.yaml uses it (EventBridge user guide, event patterns)."""


def matches(pattern, event):
    """Whether the event passes. A matcher that is not known here is an error, never a "no"."""
    if not isinstance(event, dict):
        return False
    return all(_field(key, wanted, event) for key, wanted in pattern.items())


def _field(key, wanted, event):
    if key == "$or":
        assert len(wanted) >= 2, "EventBridge asks for two branches at least"
        return any(matches(branch, event) for branch in wanted)
    if isinstance(wanted, dict):
        return matches(wanted, event.get(key))
    assert isinstance(wanted, list) and wanted, f"{key}: a list of values"
    return any(_value(one, key, event) for one in wanted)


def _value(wanted, key, event):
    if not isinstance(wanted, dict):
        seen = event.get(key)
        return key in event and wanted in (seen if isinstance(seen, list) else [seen])
    ((matcher, argument),) = wanted.items()
    assert matcher == "exists", f"a matcher this test does not know: {matcher}"
    # Only a leaf exists: an object never does.
    return argument == (key in event and not isinstance(event[key], dict))
