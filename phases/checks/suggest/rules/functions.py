"""Rules for AWS Lambda: what single functions are set to, and what calls them."""

from __future__ import annotations

from phases.checks.suggest.proposal import Rule
from phases.checks.suggest.rules.entries import FUNCTION, HOLDS, LAMBDA, MEMORY_AND_TIMEOUT, aws, some_and_none

_VARIABLE = r"(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"

RULES = (
    Rule(
        "memory and timeout in words",
        rf"{LAMBDA}(?: (?:has|with|uses|is|configured with|set to))*:? (?P<memory>\d{{3,5}}) ?(?:MB|MiB)(?: of)?(?:"
        rf" memory)?"
        r"(?:,| and|,? with| /)* (?:an? )?(?P<timeout>\d{1,3}) ?(?:s|sec|seconds?)(?: time-?out)?",
        MEMORY_AND_TIMEOUT,
        "set so, not: that it is enough",
        ("Lambda `writer` 512 MB, 60 s timeout", "Lambda function has 256 MB memory and 30 seconds timeout"),
        ("Lambda `writer` uses 512 MB", "Function of 512 MB in 60 lines"),
        names=FUNCTION,
    ),
    Rule(
        "two variables of a function",
        rf"{LAMBDA} has (?:the )?environment variables? (?P<first>{_VARIABLE})(?:,| and| &) (?P<second>{_VARIABLE})"
        r"(?: set)?",
        aws(
            "lambda",
            "get_function_configuration",
            "[contains(keys(Environment.Variables), '$first'), contains(keys(Environment.Variables), '$second')]",
            {"equals": [True, True]},
            FunctionName="{function}",
        ),
        "both are set, not: to the right values",
        ("Lambda `writer` has environment variables `TABLE_NAME` and `STAGE`",),
        ("Lambda has environment variables and tests", "Lambda has environment variables `A`, `B` and `C`"),
        names=FUNCTION,
    ),
    Rule(
        "variable of a function",
        rf"{LAMBDA} has (?:the )?(?:environment )?variable (?P<first>{_VARIABLE})(?: set)?",
        aws(
            "lambda",
            "get_function_configuration",
            "keys(Environment.Variables)",
            {"contains": "$first"},
            FunctionName="{function}",
        ),
        "it is set, not: to the right value",
        ("Lambda `writer` has environment variable `TABLE_NAME`", "Function has the variable `STAGE` set"),
        ("Lambda has variable costs", "Lambda variables documented"),
        names=FUNCTION,
    ),
    Rule(
        "runtime of a function",
        rf"{LAMBDA}(?: uses)? runtime(?: (?:is|set to|uses))?:? "
        r"(?P<runtime>(?:python|nodejs|java|dotnet|ruby|provided)[\w.]*)",
        aws("lambda", "get_function_configuration", "Runtime", {"equals": "$runtime"}, FunctionName="{function}"),
        "this runtime, not: that the code runs in it",
        ("Lambda runtime is python3.12", "Function runtime: `nodejs20.x`"),
        ("Lambda runtime upgraded", "Runtime is python-like"),
        names=FUNCTION,
    ),
    Rule(
        "tracing of a function",
        rf"{LAMBDA} (?:(?:X-Ray|active) )?tracing(?: is)?(?: (?:active|enabled|on))(?: on {LAMBDA})?"
        rf"|X-Ray tracing(?: is)? (?:active|enabled|on) (?:on|for) (?:all |the )?{LAMBDA}",
        aws(
            "lambda",
            "get_function_configuration",
            "TracingConfig.Mode",
            {"equals": "Active"},
            FunctionName="{function}",
        ),
        "active for one function, not: that somebody reads the traces",
        ("Lambda tracing active", "X-Ray tracing enabled for Lambda"),
        ("X-Ray traces look sane", "Lambda tracing considered"),
        names=FUNCTION,
    ),
    Rule(
        "reserved concurrency",
        rf"(?:{LAMBDA} )?(?:has )?reserved concurrency(?: (?:of|for|is|set to))*:? (?P<count>\d+)",
        aws(
            "lambda",
            "get_function_concurrency",
            "ReservedConcurrentExecutions",
            {"equals": "#count"},
            FunctionName="{function}",
        ),
        "so much is reserved, not: that it is enough",
        ("Reserved concurrency of `writer` is 20", "Lambda has reserved concurrency of 5"),
        ("Reserved concurrency discussed", "Reserved seats: 20"),
        names=FUNCTION,
    ),
    Rule(
        "event source mapping",
        rf"(?:{LAMBDA} )?event[- ]source mappings?(?: (?:is|are))? (?:enabled|active|on|created and enabled)",
        aws(
            "lambda",
            "list_event_source_mappings",
            some_and_none("EventSourceMappings", "EventSourceMappings[?State!='Enabled']"),
            HOLDS,
            FunctionName="{function}",
        ),
        "each mapping of one function is enabled, not: that it reads without errors",
        ("Event source mapping enabled", "Lambda event source mappings are active"),
        ("Event source mapping drawn", "Mapping of events enabled by the team"),
        names=FUNCTION,
    ),
)
