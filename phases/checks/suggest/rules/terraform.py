"""Rules for Terraform and Pulumi: whether what is written is there, where the state is kept, which stack is chosen."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import command

_TF = r"(?i)terraform|tofu"
_PLAN = "terraform plan -detailed-exitcode -input=false -lock=false"
_NO_FILE = r"(?is)\A(?!.*-var-file)"  # with a file of variables it is another plan
_DONE = (
    r"(?: (?:is|was|has been|have been|are))?(?: successfully)? (?:complete[ds]?|succeed(?:s|ed)?|successful|executed"
    r"|applied|finished|run|done|ran)(?: (?:successfully|without (?:any )?errors?))?"
)
_APPLIED = (
    rf"terraform(?: infrastructure| configuration| changes| apply| resources| stack)*{_DONE}"
    r"|(?:infrastructure|resources) applied (?:with|by|via) terraform"
    r"|(?:all )?terraform(?:-managed)? resources (?:are |were |have been )?(?:successfully )?created"
    r"(?: successfully| without errors)?"
)
_BARE = (
    r"apply (?:completed?|completes|succeeded|succeeds|finished|successful)(?: (?:successfully|without"
    r" (?:any )?errors?))?|(?:all )?resources (?:are |were )?(?:successfully )?created successfully"
)
_NOTHING_DIFFERS = "nothing that the files here say is missing or differs now, not: that they are the newest"
_BACKEND = r"(?P<backend>S3|GCS|azurerm|remote|HTTP|Consul|local|PG)"
_DIRECTORY = {"directory": Name("In which directory of the repository is it?")}

RULES = (
    Rule(
        "Terraform applied",
        _APPLIED,
        command(_PLAN, changes=True),
        _NOTHING_DIFFERS,
        (
            "`terraform apply` executed",
            "Terraform infrastructure applied",
            "All Terraform resources created successfully",
        ),
        (
            "Terraform chosen",
            "Terraform plan completed",
            "Terraform apply reviewed",
            "Terraform modules applied to docs",
        ),
        context="any",
        document=_NO_FILE,
    ),
    Rule(
        "applied, below Terraform",
        _BARE,
        command(_PLAN, changes=True),
        _NOTHING_DIFFERS,
        ("Apply completed successfully (terraform)", "All resources created successfully (by Terraform)"),
        ("Apply for the job completed", "Resources created", "Apply completed by Ada"),
        context="operations",
        around=_TF,
        document=_NO_FILE,
    ),
    Rule(
        "Terraform applied with a file of variables",
        rf"(?:{_APPLIED}|{_BARE})(?: with (?:-var-file=|the variables of )?[\w./-]+\.tfvars)?",
        command(f"{_PLAN} -var-file={{terraform-variables-file}}", changes=True),
        _NOTHING_DIFFERS,
        ("Terraform applied with -var-file=prod.tfvars",),
        ("Terraform chosen", "Terraform plan completed"),
        context="any",
        around=_TF,
        document=r"-var-file",
        names={
            "terraform-variables-file": Name(
                "Which file has Terraform's variables?", option="-var-file", pattern=r"[\w./-]+\.tfvars"
            )
        },
    ),
    Rule(
        "plan of Terraform that ends well",
        r"(?:terraform )plan(?: (?:is|was|runs?|ran|has))? (?:complete[ds]?|succeed(?:s|ed)?|successful(?:ly)?|works"
        r"|without errors?|no errors?|clean of errors)(?: (?:successfully|without (?:any )?errors?))?"
        r"|no errors in (?:the )?(?:terraform )plan",
        command("terraform plan -input=false -lock=false", changes=True),
        "a plan can be made, not: what it changes",
        ("Terraform plan succeeds", "No errors in the Terraform plan", "terraform plan runs without errors"),
        ("Terraform plan reviewed", "Plan succeeds", "Terraform plan shows no changes", "Terraform plan saved"),
        context="any",
        document=_NO_FILE,
    ),
    Rule(
        "where Terraform keeps its state",
        rf"terraform (?:is )?(?:initiali[sz]ed|set ?up|configured) (?:with|to use) (?:the |an? )?{_BACKEND} backend"
        rf"|(?:terraform )?(?:remote )?{_BACKEND.replace('<backend>', '<backend2>')} backend"
        r" (?:is )?(?:configured|set ?up|initiali[sz]ed|in use)(?: for (?:the )?(?:terraform )?state)?",
        {
            "command": {"run": "cat {directory}/.terraform/terraform.tfstate", "changes": True},
            "expression": "backend.type",
            "expect": {"equals": "{state-backend}"},
        },
        "this directory is set to it, not: which bucket, and not that the state is there",
        ("Terraform initialized with S3 backend", "Terraform S3 backend configured"),
        ("Backend configured", "Terraform backend discussed", "Remote work initialized"),
        context="any",
        around=_TF,
        names={
            **_DIRECTORY,
            "state-backend": Name("Which type of backend is it, as Terraform calls it? (s3)", pattern=r"(?!)"),
        },
    ),
    Rule(
        "Terraform begun, said otherwise",
        r"(?:initiali[sz]ed? terraform|terraform providers? (?:are |were )?(?:downloaded|installed|initiali[sz]ed))"
        r"(?: successfully| working directory)?",
        {"file": {"path": "{directory}/.terraform/providers/"}},
        "its directory is there, not: that its providers are the right ones",
        ("Initialized Terraform", "Terraform providers downloaded"),
        ("Providers downloaded", "Terraform upgraded", "Terraform providers compared"),
        context="any",
        names=_DIRECTORY,
    ),
    Rule(
        "workspace of Terraform",
        r"(?:correct |right )?terraform workspace(?: (?:is|was))? (?:selected|set|switched|chosen)(?: to)?"
        r"(?: (?P<workspace>[a-z][\w-]*))?",
        {
            "command": {"run": "terraform workspace show", "changes": True},
            "expect": {"matches": "{terraform-workspace}\\s*"},
        },
        "chosen in this directory now, not: what is in it",
        ("Terraform workspace selected", "Correct Terraform workspace selected"),
        ("Workspace selected", "Terraform workspace explained"),
        context="any",
        names={"terraform-workspace": Name("What is the workspace of Terraform called?", group="workspace", code=True)},
    ),
    Rule(
        "stack of Pulumi",
        r"pulumi stack (?P<stack>[\w./-]+ )?(?:is |was )?(?:initiali[sz]ed|created|exists|selected|configured|set ?up)",
        {
            "command": {"run": "pulumi stack ls --json", "changes": True},
            "expression": "[].name",
            "expect": {"contains": "{pulumi-stack}"},
        },
        "there, not: which resources it has",
        ("Pulumi stack initialized", "Pulumi stack created"),
        ("Stack initialized", "Pulumi chosen", "Pulumi stack reviewed"),
        context="any",
        names={"pulumi-stack": Name("What is the stack of Pulumi called?", code=True)},
    ),
    Rule(
        "resources of Pulumi",
        r"pulumi up(?: (?:is|was|has been))? (?:complete[ds]?|succeed(?:s|ed)?|successful|executed|finished|run)"
        r"(?: (?:successfully|without (?:any )?errors?))?",
        command("pulumi preview --expect-no-changes --non-interactive --stack {pulumi-stack}", changes=True),
        "nothing that the program says is missing or differs now, not: that it is the newest",
        ("`pulumi up` completed successfully", "pulumi up succeeded"),
        ("Pulumi up to date", "pulumi preview completed", "Pulumi up for discussion"),
        context="any",
        names={"pulumi-stack": Name("What is the stack of Pulumi called?", code=True)},
    ),
)
