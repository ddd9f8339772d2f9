"""What CloudFormation would make of template.yaml: translated by AWS's own SAM translator, its intrinsic functions worked out.

It knows the functions that the template uses and refuses others, so that a new one cannot pass unseen.
"""

import copy
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "ecr-promoter",
    "AWS::URLSuffix": "amazonaws.com",
}
# The translator asks botocore for a Region and nothing else; no call leaves the process.
os.environ.setdefault("AWS_DEFAULT_REGION", PSEUDO["AWS::Region"])

from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

NO_VALUE = object()


def source():
    """template.yaml as it is written, its short functions (`!Ref`) in their long form."""
    return yaml_parse((ROOT / "template.yaml").read_text())


def translated():
    """The CloudFormation template that SAM makes of it, functions still in it."""
    template = source()
    # `sam build` and `sam deploy` put an address in the place of the folder.
    template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/function.zip"
    return Translator(managed_policy_map={}, sam_parser=Parser()).translate(template, parameter_values={})


class Stack:
    """The template's resources for given parameters, with every function worked out.

    References to resources become words that name them: `Queue` itself, `Queue.Arn` for an attribute.
    """

    def __init__(self, template, **parameters):
        self.template = template
        declared = template["Parameters"]
        unknown = set(parameters) - set(declared)
        assert not unknown, f"no such parameter: {unknown}"
        self.parameters = {name: str(given.get("Default", "")) for name, given in declared.items()} | parameters
        self.resources = {
            name: self._resolve(resource)
            for name, resource in copy.deepcopy(template["Resources"]).items()
            if "Condition" not in resource or self._holds(template["Conditions"][resource["Condition"]])
        }

    def properties(self, name):
        return self.resources[name]["Properties"]

    def of_type(self, kind):
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def _resolve(self, value):
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref":
                return self._ref(argument)
            if key.startswith("Fn::"):
                return getattr(self, "_" + key[4:].lower())(argument)
        resolved = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def _ref(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        assert name in self.template["Resources"], f"no such resource: {name}"
        return name

    def _getatt(self, argument):
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        assert name in self.template["Resources"], f"no such resource: {name}"
        return f"{name}.{attribute}"

    def _sub(self, argument):
        text, names = argument if isinstance(argument, list) else (argument, {})
        names = {key: self._resolve(item) for key, item in names.items()}

        def named(match):
            if match[1] in names:
                return names[match[1]]
            return self._getatt(match[1]) if "." in match[1] else self._ref(match[1])

        return re.sub(r"\$\{([^}]+)\}", named, text)

    def _join(self, argument):
        between, items = argument
        assert isinstance(between, str), "CloudFormation takes no function as a delimiter"
        return between.join(self._resolve(items))

    def _split(self, argument):
        between, text = argument
        assert isinstance(between, str), "CloudFormation takes no function as a delimiter"
        return self._resolve(text).split(between)

    def _select(self, argument):
        index, items = argument
        return self._resolve(items)[int(index)]

    def _findinmap(self, argument):
        name, key, inner = map(self._resolve, argument)
        return self.template["Mappings"][name][key][inner]

    def _if(self, argument):
        name, then, otherwise = argument
        return self._resolve(then if self._holds(self.template["Conditions"][name]) else otherwise)

    def _holds(self, condition):
        ((key, argument),) = condition.items()
        if key == "Fn::Not":
            return not self._holds(argument[0])
        assert key == "Fn::Equals", f"a condition this test does not know: {key}"
        return self._resolve(argument[0]) == self._resolve(argument[1])
